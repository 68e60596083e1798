"""Journeys: people walk through a graph of steps, each decision kept with its reason."""
