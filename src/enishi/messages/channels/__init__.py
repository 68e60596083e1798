"""Ways out, one folder each, behind one port (see `port`)."""
