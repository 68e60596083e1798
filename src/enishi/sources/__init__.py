"""From files to datasets: reading, mapping, deriving, loading, dead letters."""
