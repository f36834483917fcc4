"""Data services of workloads: what each is made of, and how it is reached."""
