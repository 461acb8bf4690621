"""The personal QR: what is written in it, its picture, and the short code read over a counter."""
