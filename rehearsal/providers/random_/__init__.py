"""The random provider: values that live in the state and nowhere else."""
