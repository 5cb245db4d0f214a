"""What the tests stand on: a PostgreSQL server, migrated databases, a browser, a closed network."""
