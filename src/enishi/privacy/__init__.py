"""A person's own rights over what is kept about her: disclosure, correction, stop-use, erasure."""
