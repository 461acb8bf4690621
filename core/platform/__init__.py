"""The national platforms: ports in domain words, and the two contracts that implement them."""
