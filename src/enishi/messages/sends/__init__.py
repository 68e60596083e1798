"""One-off sends: to whom, previewed, dispatched, stopped, told."""
