"""Stand-ins for what others run: they keep the rules that the real ones keep."""
