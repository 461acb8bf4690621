"""How often a key, and an address, may call: counted in Redis, by all web processes together."""

from __future__ import annotations

import math
import time

from flask import Flask, Response
from flask_limiter import Limiter, RequestLimit

from web.errors import problem
from web.keys import presented_name


def limiter(redis_url: str) -> Limiter:
    """One for each application. While Redis is away each process counts for itself."""
    return Limiter(
        presented_name,
        storage_uri=redis_url,
        storage_options={"socket_connect_timeout": 2},
        strategy="moving-window",
        on_breach=_too_many,
        in_memory_fallback_enabled=True,
        key_prefix="rates",
    )


def guard(app: Flask, limiter: Limiter, *blueprints: str) -> None:
    """Lets the limiter look at the requests of these blueprints, and at no others.

    By itself it hooks into every request of the application; a USSD hop, which has no limit here,
    would pay for finding that out.
    """
    limiter.init_app(app)
    for hooks in (app.before_request_funcs, app.after_request_funcs):
        hook = hooks[None].pop()
        for name in blueprints:
            hooks.setdefault(name, []).append(hook)  # type: ignore[arg-type]


def _too_many(breached: RequestLimit) -> Response:
    answer = problem(429)
    wait = max(1, math.ceil(breached.reset_at - time.time()))
    answer.headers["Retry-After"] = str(wait)
    return answer
