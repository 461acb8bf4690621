"""Sends texts through Twilio with its own SDK, on a pool of connections that keeps deadlines.

Source: twilio.com/docs/messaging/api/message-resource and docs/api/errors.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlencode

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from core.clock import Deadline
from core.errors import PlatformError, SendError, SendLater, SendNever
from core.message import Channel, Network
from core.outbox.outgoing import Outgoing
from core.outbox.ports import Sent
from core.platform.wire import Raw, Wire
from sms.providers.port import Decision, no_answer, refusal

NAME = "twilio"
MOST_CHARACTERS = 1600
SECONDS = 10.0
"""For one request in all."""

DECISIONS: Final[Mapping[int, Decision]] = MappingProxyType(
    {
        20003: Decision.ALARM,  # authentication
        20429: Decision.RETRY,  # too many requests
        21211: Decision.NEVER,  # no such number
        21408: Decision.ANOTHER,  # region not allowed
        21606: Decision.ANOTHER,  # sender cannot send there
        21608: Decision.ANOTHER,  # trial account
        21610: Decision.OPTED_OUT,
        21611: Decision.RETRY,  # queue full
        21612: Decision.ANOTHER,  # sender and receiver do not go together
        21614: Decision.NEVER,  # not a mobile
        21617: Decision.NEVER,  # too long
        30001: Decision.RETRY,  # queue overflow
        30002: Decision.ALARM,  # account suspended
        30003: Decision.RETRY,  # handset off or out of reach
        30004: Decision.NEVER,  # blocked
        30005: Decision.NEVER,  # unknown handset
        30006: Decision.NEVER,  # landline
        30007: Decision.NEVER,  # filtered: look at the text
        30008: Decision.RETRY,  # unknown
        30018: Decision.ANOTHER,  # sender must be registered
        30042: Decision.ANOTHER,  # sender must be registered
    }
)
"""What to do about Twilio's error codes."""


class TwilioSender:
    """Implements `core.outbox.ports.Sender`. Twilio has no idempotency key for sending."""

    provider = NAME
    serves: frozenset[tuple[Network, Channel]] = frozenset({("phone", Channel.SMS)})
    honours_key = False
    receipt_names_us = True

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        sender: str,
        public_url: str,
        api_url: str = "https://api.twilio.com",
        wire: Wire | None = None,
    ) -> None:
        """`sender` is a number or a registered name; `public_url` takes the receipts."""
        http = _Http(wire or Wire(NAME))
        self._client = Client(account_sid, auth_token, http_client=http)
        self._client.api.base_url = api_url.rstrip("/")
        self._sender = sender
        self._receipts = f"{public_url.rstrip('/')}/sms/{NAME}/receipt"

    def send(self, outgoing: Outgoing) -> Sent:
        text = outgoing.page.text
        if not text or len(text) > MOST_CHARACTERS:
            raise SendNever("no text" if not text else "too long")
        try:
            message = self._client.messages.create(
                to=outgoing.address.value,
                from_=self._sender,
                body=text,
                status_callback=f"{self._receipts}?id={outgoing.id}",
            )
        except TwilioRestException as error:
            # `from None`: the SDK's error repeats Twilio's words, in which numbers stand.
            raise _refused(error.status, error.code) from None
        except TwilioException as error:
            raise SendLater(f"no sense ({type(error).__name__})", unsure=True) from None
        if not message.sid:
            raise SendLater("no sense", unsure=True)
        parts = str(message.num_segments or "")
        return Sent(message.sid, int(parts) if parts.isdecimal() else None)


def _refused(status: int, said: object) -> SendError:
    code = said if isinstance(said, int) else 0
    decision = DECISIONS.get(code)
    if decision is None:
        match status:
            case 401 | 403:
                decision = Decision.ALARM
            case 400 | 404 | 409 | 422:
                decision = Decision.NEVER
            case _:
                decision = Decision.RETRY
    return refusal(NAME, decision, str(code or f"HTTP {status}"))


class _Http(HttpClient):  # type: ignore[misc]  # the SDK tells no types
    """The SDK's HTTP client on our pool; it logs nothing."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(logging.getLogger("twilio.silent"), False, SECONDS)
        self._wire = wire

    def request(
        self,
        method: str,
        uri: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Response:
        """One request. Raises SendLater when there is no answer in time, or Twilio says when."""
        sent: dict[str, str] = {**(headers or {}), "Accept": "application/json"}
        if auth is not None:
            sent["Authorization"] = f"Basic {base64.b64encode(':'.join(auth).encode()).decode()}"
        address = f"{uri}?{urlencode(params)}" if params else uri
        body = urlencode(data).encode() if data else None
        try:
            raw = self._wire.send(
                method,
                address,
                headers=sent,
                content=body,
                deadline=Deadline.after(timeout or SECONDS),
            )
        except PlatformError as error:
            raise no_answer(NAME, error) from None
        if raw.status == 429:
            raise refusal(NAME, Decision.RETRY, "20429", after=_seconds(raw.headers))
        return Response(raw.status, _object(raw), dict(raw.headers))


def _object(raw: Raw) -> str:
    """The body, of which the SDK believes that it is a JSON object. Raises SendLater."""
    try:
        if isinstance(json.loads(raw.body), dict):
            return raw.body.decode()
    except ValueError:
        pass
    if raw.status < 400:
        raise SendLater("no sense", unsure=True)
    return "{}"


def _seconds(headers: Mapping[str, Any]) -> float | None:
    """What Retry-After asks for, when it is a number of seconds."""
    after = str(headers.get("retry-after", ""))
    return min(float(after), 3600.0) if after.isdecimal() else None
