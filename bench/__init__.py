"""What we measure, and how: each figure is a ratio taken in one run, never a time that must hold."""
