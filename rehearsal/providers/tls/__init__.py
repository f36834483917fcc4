"""The TLS provider: keys and certificates that live in the state and nowhere else."""
