"""Datasets, fields, relations, purposes: what the data means."""
