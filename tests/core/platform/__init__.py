"""The national platforms: what the clients make of every kind of answer."""
