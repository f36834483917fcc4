"""Objects of a cluster through its API server: what is sent, what is waited for, what is kept."""
