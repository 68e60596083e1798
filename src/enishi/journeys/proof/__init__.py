"""What a journey or a send brought about: per step, and against its control group."""
