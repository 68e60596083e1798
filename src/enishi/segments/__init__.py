"""Segments: named rules kept fresh, whose memberships have entries and exits."""
