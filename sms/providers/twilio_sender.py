"""Sends texts and WhatsApp messages through Twilio with its own SDK, on connections that keep deadlines.

Source: twilio.com/docs/messaging/api/message-resource and docs/api/errors.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from core.errors import SendError, SendLater, SendNever
from core.message import Channel, Network
from core.outbox.outgoing import Outgoing, Purpose
from core.outbox.ports import Sent
from core.platform.wire import Raw, Wire
from sms.providers.port import Decision, refusal
from sms.providers.sending import SECONDS, SMS, by_status, request, text_of
from sms.providers.twilio import WHATSAPP, WHATSAPP_PREFIX

NAME = "twilio"
MOST_CHARACTERS = 1600
MOST_IN_TEMPLATE = 1024
"""Characters of a WhatsApp template, its own words and ours together."""

WINDOW_CLOSED = 63016
"""Free words reach somebody on WhatsApp only within 24 hours of what they wrote last."""

ANSWERS: Final = frozenset({Purpose.REPLY, Purpose.CODE})
"""Messages to somebody who has just written, so that the window is open."""

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
        30005: Decision.GONE,  # unknown handset: the number may no longer exist
        30006: Decision.NEVER,  # landline
        30007: Decision.NEVER,  # filtered: look at the text
        30008: Decision.RETRY,  # unknown
        30018: Decision.ANOTHER,  # sender must be registered
        30042: Decision.ANOTHER,  # sender must be registered
        50526: Decision.ALARM,  # no such template (ContentSid)
        63013: Decision.NEVER,  # WhatsApp does not allow these words
        63016: Decision.ANOTHER,  # WhatsApp's window has closed, and there is no template
        63018: Decision.RETRY,  # too many messages for WhatsApp
        63021: Decision.NEVER,  # too long for a template, or not for WhatsApp
    }
)
"""What to do about Twilio's error codes."""


class TwilioSender:
    """Implements `core.outbox.ports.Sender`. Twilio has no idempotency key for sending."""

    provider = NAME
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
        messaging_service_sid: str = "",
        whatsapp_sender: str = "",
        whatsapp_template: str = "",
        wire: Wire | None = None,
    ) -> None:
        """`sender` is a number or a registered name; a messaging service may choose it instead.

        `whatsapp_sender` is our number on WhatsApp (E.164): without it none goes there.
        `whatsapp_template` is the ContentSid of an approved template whose one variable {{1}} takes
        the words that are not an answer. `public_url` takes the receipts.
        """
        http = _Http(wire or Wire(NAME))
        self._client = Client(account_sid, auth_token, http_client=http)
        self._client.api.base_url = api_url.rstrip("/")
        self._sender: dict[str, str] = (
            {"messaging_service_sid": messaging_service_sid}
            if messaging_service_sid
            else {"from_": sender}
        )
        self._whatsapp = {"from_": f"{WHATSAPP_PREFIX}{whatsapp_sender}"} if whatsapp_sender else {}
        self._template = whatsapp_template
        self._receipts = f"{public_url.rstrip('/')}/sms/{NAME}/receipt"

    @property
    def serves(self) -> frozenset[tuple[Network, Channel]]:
        return SMS | {(WHATSAPP, Channel.CHAT)} if self._whatsapp else SMS

    def send(self, outgoing: Outgoing) -> Sent:
        text = text_of(outgoing, MOST_CHARACTERS)
        if outgoing.address.network != WHATSAPP:
            return self._create(outgoing, outgoing.address.value, body=text, **self._sender)
        to = f"{WHATSAPP_PREFIX}{outgoing.address.value}"
        if not self._template:
            return self._create(outgoing, to, body=text, **self._whatsapp)
        if outgoing.purpose not in ANSWERS:
            return self._create(outgoing, to, **self._in_template(text), **self._whatsapp)
        try:
            return self._create(outgoing, to, body=text, **self._whatsapp)
        except SendError as error:
            if error.words != str(WINDOW_CLOSED):
                raise
        return self._create(outgoing, to, **self._in_template(text), **self._whatsapp)

    def _in_template(self, text: str) -> dict[str, str]:
        """The words as the variable of the template, which takes no line breaks. Raises SendNever."""
        line = " ".join(text.split())
        if len(line) > MOST_IN_TEMPLATE:
            raise SendNever("too long for a template")
        variables = json.dumps({"1": line}, ensure_ascii=False)
        return {"content_sid": self._template, "content_variables": variables}

    def _create(self, outgoing: Outgoing, to: str, **fields: str) -> Sent:
        report = f"{self._receipts}?id={outgoing.id}"
        try:
            message = self._client.messages.create(to=to, status_callback=report, **fields)
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
    decision = DECISIONS.get(code) or by_status(status)
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
        """One request. Raises as `request` does; the SDK's own time-out is not asked."""
        sent: dict[str, str] = {**(headers or {}), "Accept": "application/json"}
        if auth is not None:
            sent["Authorization"] = f"Basic {base64.b64encode(':'.join(auth).encode()).decode()}"
        address = f"{uri}?{urlencode(params)}" if params else uri
        body = urlencode(data).encode() if data else None
        raw = request(self._wire, NAME, method, address, headers=sent, content=body)
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
