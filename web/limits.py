"""How often a key, and an address, may call: counted in Redis, by all web processes together."""

from __future__ import annotations

from flask_limiter import Limiter

from web.keys import presented_name


def limiter(redis_url: str) -> Limiter:
    """One for each application. While Redis is away each process counts for itself."""
    return Limiter(
        presented_name,
        storage_uri=redis_url,
        storage_options={"socket_connect_timeout": 2},
        strategy="moving-window",
        headers_enabled=True,
        in_memory_fallback_enabled=True,
        key_prefix="rates",
    )
