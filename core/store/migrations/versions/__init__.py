"""One file for each step, in order of their numbers; a step that was released never changes."""
