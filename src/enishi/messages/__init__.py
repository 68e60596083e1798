"""Messages: templates, the channels they go out by, and every single delivery.

Rooms, in the order of the data: `wording` and `templates`, `senders` and `channels`, `sends`,
`deliveries`, `sending`, `mailbox`, `public`.
"""
