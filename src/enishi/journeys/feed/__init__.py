"""What happened, taken in and told to the walks it concerns."""
