"""日の出銀行: a seeded generator of a bank that exists nowhere."""
