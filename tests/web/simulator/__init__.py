"""Tests of the handset: it must be indistinguishable from the networks."""
