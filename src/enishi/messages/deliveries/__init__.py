"""Single deliveries: asked for, looked at, counted, and why they came to their end."""
