"""Assembles the routers of the domains into one API and serves the interface."""
