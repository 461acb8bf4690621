"""Chat networks: how each is read and written; the conversation itself is in core."""
