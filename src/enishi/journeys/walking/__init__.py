"""Walks: moved on by a pure function, kept in the book, never stuck."""
