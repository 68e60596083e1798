"""Opaque Enishi ids for every subject, and the source keys that lead to them."""
