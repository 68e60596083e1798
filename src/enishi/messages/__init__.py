"""Messages: templates, the channels they go out by, and every single delivery."""
