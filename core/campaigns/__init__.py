"""Many messages of one cause: read from a table, looked at, approved, tried on a few, then sent."""
