"""Who of the platform reaches whom, and what for: one table for each topic. Policies are made of nothing else."""
