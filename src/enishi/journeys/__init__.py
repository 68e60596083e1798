"""Journeys: people walk through a graph of steps, each decision kept with its reason.

Rooms, in the order of the data: `drawing`, `entries` and `feed`, `walking`, `inside`, `dry`,
`proof`.
"""
