"""Posts our pages to a Junebug channel's messages address."""

from __future__ import annotations

import json
from collections.abc import Mapping

import structlog

from core.clock import Deadline
from core.errors import PlatformError
from core.platform.wire import Wire
from ussd.aggregators.hops import JSON

SECONDS = 5.0
"""For one message; Junebug itself gives us ten seconds in all."""

_log = structlog.get_logger("ussd")


class JunebugChannel:
    """Callable as `ussd.aggregators.junebug.Post`."""

    def __init__(self, url: str, channel: str, *, token: str, wire: Wire | None = None) -> None:
        """`url` is Junebug's own address, `channel` the id of the USSD channel there."""
        self._address = f"{url.rstrip('/')}/channels/{channel}/messages/"
        self._headers = {"Content-Type": JSON}
        if token:
            self._headers["Authorization"] = f"Token {token}"
        self._wire = wire or Wire("junebug")

    def __call__(self, message: Mapping[str, object]) -> bool:
        try:
            answer = self._wire.send(
                "POST",
                self._address,
                headers=self._headers,
                content=json.dumps(message).encode(),
                deadline=Deadline.after(SECONDS),
            )
        except PlatformError as error:
            _log.warning("junebug_not_reached", error=type(error).__name__)
            return False
        if answer.status != 201:
            _log.warning("junebug_refused", status=answer.status)
        return answer.status == 201
