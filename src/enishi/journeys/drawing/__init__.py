"""Journeys while they are written: wordings, checks, cards, versions, files."""
