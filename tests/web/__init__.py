"""Tests of what browsers and other systems call."""
