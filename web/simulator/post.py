"""Posts a network's request to a gateway over real HTTP and reads what it answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import httpx2

from web.simulator.requests import NetworkRequest

PATIENCE = 40.0
"""Seconds: longer than any channel's patience, so that the gateway's own limit is what is seen."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the gateway answered; status 0 when it could not be reached."""

    status: int
    text: str = field(repr=False)
    seconds: float
    content: Any = field(default=None, repr=False)
    """The body read as JSON, when it is JSON."""


class Poster:
    """Posts to one gateway. Thread-safe; the connection pool is opened when first needed."""

    def __init__(
        self,
        reach: str,
        *,
        client: Callable[[], httpx2.Client] | None = None,
        tick: Callable[[], float] = time.monotonic,
    ) -> None:
        """`reach` is where the gateway listens (`http://127.0.0.1:8000`), whatever address the
        world knows it by: requests keep their path and their signature, and go there."""
        self._reach = reach.rstrip("/")
        self._new_client = client or (lambda: httpx2.Client(timeout=PATIENCE, trust_env=False))
        self._client: httpx2.Client | None = None
        self._tick = tick

    def send(self, request: NetworkRequest) -> Answer:
        """Posts one request; never raises for what the gateway or the way to it does."""
        return self.call(request.method, request.url, request.headers, request.content)

    def call(
        self, method: str, url: str, headers: dict[str, str] | Any = None, content: bytes = b""
    ) -> Answer:
        """Any request at all to the gateway, by address or by path alone."""
        began = self._tick()
        try:
            response = self._open().request(
                method, self._here(url), headers=dict(headers or {}), content=content or None
            )
        except httpx2.HTTPError:
            return Answer(0, "", self._tick() - began)
        return Answer(response.status_code, response.text, self._tick() - began, _json(response))

    def picture(self, url: str) -> bytes | None:
        """The picture at this address of the gateway, whatever host it names; None: there is none."""
        try:
            response = self._open().get(self._here(url))
        except (httpx2.HTTPError, httpx2.InvalidURL):
            return None
        is_picture = response.headers.get("Content-Type", "").startswith("image/")
        return response.content if response.status_code == 200 and is_picture else None

    def close(self) -> None:
        """Closes the pool."""
        if self._client is not None:
            self._client.close()

    def _here(self, url: str) -> str:
        parts = urlsplit(url)
        return f"{self._reach}{parts.path}" + (f"?{parts.query}" if parts.query else "")

    def _open(self) -> httpx2.Client:
        if self._client is None:
            self._client = self._new_client()
        return self._client


def ussd_screen(answer: Answer) -> tuple[str, bool] | None:
    """The text of a USSD screen and whether the session stays open; None for anything else."""
    mark, text = answer.text[:4], answer.text[4:]
    if answer.status != 200 or mark not in ("CON ", "END "):
        return None
    return text, mark == "CON "


def twiml_messages(answer: Answer) -> tuple[str, ...]:
    """The texts that TwiML tells Twilio to send; nothing for anything else."""
    if answer.status != 200 or not answer.text.strip():
        return ()
    try:
        response = ElementTree.fromstring(answer.text)
    except ElementTree.ParseError:
        return ()
    return tuple("".join(message.itertext()) for message in response.iter("Message"))


def _json(response: httpx2.Response) -> Any:
    if "json" not in response.headers.get("Content-Type", ""):
        return None
    try:
        return response.json()
    except ValueError:
        return None
