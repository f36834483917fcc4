"""Application systems: the typed model of a workload file, and the releases that are made of it."""
