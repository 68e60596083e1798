"""The stream: events of the log on their way into the warehouse."""
