"""Tells subscribers what has changed: posts the resource to their hook, and tries again if need be."""

from __future__ import annotations

import json
import logging
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from threading import Thread
from urllib.parse import parse_qsl

from sandbox.fhir.search import matching
from sandbox.world import Resource, World

PAUSES = (0.2, 1.0, 3.0, 10.0, 30.0, 60.0)
"""Seconds to wait before each further try."""

TIMEOUT = 10.0
"""Seconds a hook has to answer."""

Start = Callable[[Callable[[], None]], None]

log = logging.getLogger(__name__)


def in_a_thread(work: Callable[[], None]) -> None:
    """Runs the work beside the request that caused it."""
    Thread(target=work, daemon=True).start()


class Deliveries:
    """Finds the Subscriptions a changed resource matches and delivers it to each."""

    def __init__(
        self, world: World, *, start: Start = in_a_thread, pauses: Sequence[float] = PAUSES
    ) -> None:
        self._world, self._start, self._pauses = world, start, pauses
        # A proxy named in the environment is not for hooks on this machine.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def announce(self, changed: Resource) -> int:
        """Starts the deliveries and returns how many subscribers there are."""
        with self._world.lock:
            everyone = list(self._world.written["Subscription"].values())
        wanted = [each for each in everyone if _wants(each, changed)]
        for subscription in wanted:
            self._start(lambda to=subscription: self._deliver(to, changed))  # type: ignore[misc]
        return len(wanted)

    def _deliver(self, subscription: Resource, changed: Resource) -> None:
        problem = ""
        for pause in (0.0, *self._pauses):
            time.sleep(pause)
            try:
                self._post(subscription["channel"], changed)
            except (OSError, ValueError) as error:
                problem = type(error).__name__
                continue
            return
        log.warning("subscription %s: given up after %s", subscription["id"], problem)
        with self._world.lock:
            subscription["status"], subscription["error"] = "error", problem

    def _post(self, channel: Resource, changed: Resource) -> None:
        headers = {"Content-Type": channel.get("payload") or "application/fhir+json"}
        for line in channel.get("header", []):
            name, _, value = str(line).partition(":")
            headers[name.strip()] = value.strip()
        body = json.dumps(changed, ensure_ascii=False).encode()
        request = urllib.request.Request(channel["endpoint"], data=body, headers=headers)
        with self._opener.open(request, timeout=TIMEOUT) as answer:
            answer.read(1)


def _wants(subscription: Resource, changed: Resource) -> bool:
    kind, _, query = subscription["criteria"].partition("?")
    if kind != changed["resourceType"] or subscription["status"] != "active":
        return False
    return bool(matching(kind, parse_qsl(query), [changed]))
