"""Control planes on loopback: what a rehearsed cluster is on a real Kubernetes API."""
