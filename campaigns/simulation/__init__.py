"""Seeded worlds in which journeys are walked for a month of virtual time, and what must hold."""
