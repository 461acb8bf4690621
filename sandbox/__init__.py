"""A stand-in for the national platforms: both contracts over HTTP, with people who do not exist."""
