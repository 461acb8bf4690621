"""The composition root: settings, wiring, servers and the command line."""
