"""How the tables came to be, step by step; `core.store.migrate` runs what is missing."""
