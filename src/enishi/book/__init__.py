"""Operations: settings, database, units of work, audit, accounts and roles."""
