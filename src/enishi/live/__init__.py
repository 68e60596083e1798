"""Live: each event and each passing of time decides segments at once, and tells who listens."""
