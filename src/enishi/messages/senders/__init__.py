"""Senders: the ways out that were set up, with their secrets, checks and trials."""
