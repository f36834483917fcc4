"""Data services as workload files declare them: a file for each kind."""
