"""Journeys tried before they are live: over past days, and with one person."""
