"""Definitions, actionable lists, members, engagements, tracking."""
