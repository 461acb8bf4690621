"""SMS and WhatsApp: the companies and gateways that carry texts, and screens as texts."""
