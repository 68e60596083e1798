"""Enishi (縁): a customer engagement platform."""
