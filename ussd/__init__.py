"""USSD: the networks' aggregators, and screens as pages for any telephone."""
