"""Templates and their versions: written, looked at, approved by somebody else."""
