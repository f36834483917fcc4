"""Node pools and their nodes: what each cloud makes of what its API was asked for."""
