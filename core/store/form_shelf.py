"""The forms people are in the middle of, in Redis: every process finds them, whoever fetched them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import RedisError

KEPT_SECONDS = 40 * 86400
"""Longer than a session is remembered, so that nobody's form is gone before their answers are."""

_log = structlog.get_logger("forms")


class FormShelf:
    """Implements `core.platform.fhir_editions.Shelf`. Forms are public: nothing here is sealed."""

    def __init__(self, redis: Redis, *, keep_seconds: int = KEPT_SECONDS) -> None:
        self._redis = redis
        self._keep_seconds = keep_seconds

    def get(self, name: str) -> Any:
        try:
            kept = self._redis.get(_key(name))
            return None if kept is None else json.loads(kept)
        except (RedisError, ValueError) as error:
            _log.warning("form_not_read", error=type(error).__name__)
            return None

    def put(self, name: str, form: Mapping[str, Any]) -> None:
        try:
            self._redis.set(_key(name), json.dumps(form), ex=self._keep_seconds)
        except RedisError as error:
            _log.warning("form_not_kept", error=type(error).__name__)


def _key(name: str) -> str:
    """Of one length, whatever a platform calls its forms."""
    return f"form:{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:32]}"
