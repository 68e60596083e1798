"""The built-in mailbox: what was sent while nothing leaves this machine."""
