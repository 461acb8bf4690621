"""What we send on our own account: messages, what became of them, and who sends them."""
