"""The companies and gateways that carry texts: their calls to us, and sending through them."""
