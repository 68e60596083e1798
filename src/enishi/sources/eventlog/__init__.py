"""The durable log of events: append-only files, written by ingest, read by the drain."""
