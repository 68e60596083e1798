"""What a message says: bodies, Liquid, MJML, how it is filled in for a person, what law asks."""
