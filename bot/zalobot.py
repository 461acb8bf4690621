"""Zalo's platform for bots: a small thing beside the official account, without buttons; one file.

Source: docs.zaloplatforms.com, as cited by several who use it. Its free tier is for trying things
out; a national service belongs on an official account.
"""

from __future__ import annotations

import json
import time
import unicodedata
from collections.abc import Callable, Collection, Mapping
from typing import Any, Final

import structlog

from bot.network import Ignored, Meant, Remark, knows
from bot.parts import send_parts
from bot.ports import Blind, Notes, Pictures
from bot.reading import mapping, text
from bot.split import split
from bot.turns import EVERYBODY, wait_turn
from bot.unanswered import no_answer
from core.asked import Answer, Asked
from core.clock import Deadline
from core.errors import Malformed, PlatformError, SendError, SendLater, SendNever
from core.message import Address, Channel, Inbound, Network
from core.outbox.budget import Budget
from core.outbox.outgoing import Outgoing
from core.outbox.ports import Sent
from core.platform.wire import Wire

PROVIDER: Final = "zalobot"
SECRET_HEADER: Final = "x-bot-api-secret-token"
LONGEST_TEXT: Final = 2000
LONGEST_ADDRESS: Final = 2000
SECONDS: Final = 10.0
ALARM_AFTER: Final = 300.0

SAID: Final = "message.text.received"
UNREADABLE: Final = frozenset(
    f"message.{kind}.received" for kind in ("image", "sticker", "voice", "unsupported")
)

DECISIONS: Final[Mapping[int, str]] = {
    400: "never",
    401: "alarm",
    403: "never",
    404: "alarm",
    408: "later",
    429: "slow down",
}
"""What its error codes mean to us. No page lists them; they look like those of HTTP."""

_log = structlog.get_logger("zalobot")


class ZaloBot:
    """Implements `bot.network.Network`. An empty `secret` refuses everybody."""

    name = PROVIDER
    awake = True
    labels_json = False

    def __init__(self, *, secret: str) -> None:
        self._secret = secret

    def prove(self, asked: Asked) -> bool:
        return knows(asked, SECRET_HEADER, self._secret)

    def read(self, event: Mapping[str, Any]) -> Meant:
        """The event stands below `result`, or, as some have seen it, at the top."""
        brought = mapping(event.get("result")) or event
        kind, message = brought.get("event_name"), mapping(brought.get("message"))
        if not isinstance(kind, str):
            raise Malformed("event_name")
        if kind != SAID and kind not in UNREADABLE:
            return Ignored("unknown kind")
        chat, sender = mapping(message.get("chat")), mapping(message.get("from"))
        who, number = text(chat.get("id"), 64), text(message.get("message_id"), 100)
        if not who or not number or sender.get("is_bot") is True:
            return Ignored("no person")
        if chat.get("chat_type") not in ("PRIVATE", None):
            return Ignored("group")
        said = text(message.get("text"), LONGEST_TEXT) if kind == SAID else ""
        # Its own samples do not agree on the name.
        photo = text(message.get("photo") or message.get("photo_url"), LONGEST_ADDRESS)
        return Inbound(
            channel=Channel.CHAT,
            provider=PROVIDER,
            address=Address(PROVIDER, who),
            wire=who,
            hop=number,
            said=(said,),
            picture=photo or None,
        )

    def taken(self, remark: Remark | None) -> Answer:
        return Answer("ok")


class ZaloBotSender:
    """Implements `core.outbox.ports.Sender`: texts, and the QR by the address of a picture."""

    provider = PROVIDER
    serves: Collection[tuple[Network, Channel]] = ((PROVIDER, Channel.CHAT),)
    honours_key = False
    receipt_names_us = False

    def __init__(
        self,
        token: str,
        *,
        notes: Notes,
        blind: Blind,
        budget: Budget,
        api_url: str = "https://bot-api.zaloplatforms.com",
        pictures: Pictures | None = None,
        seconds: float = SECONDS,
        wire: Wire | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._url = f"{api_url.rstrip('/')}/bot{token}"
        self._notes = notes
        self._blind = blind
        self._budget = budget
        self._pictures = pictures
        self._seconds = seconds
        self._wire = wire or Wire(PROVIDER)
        self._sleep = sleep

    def send(self, outgoing: Outgoing) -> Sent:
        """Sends the page, in several messages if it must. Raises SendLater or SendNever."""
        chat = outgoing.address.value

        def send(part: tuple[str, dict[str, str]], _is_last: bool) -> str | None:
            named = self._blind("zalobot-chat", chat).hex()
            wait_turn(self._budget, named, self._sleep, lane=outgoing.lane)
            method, fields = part
            message = self.ask(method, {"chat_id": chat, **fields}).get("message_id")
            return message if isinstance(message, str) else None

        page = outgoing.page
        texts = split(unicodedata.normalize("NFC", page.text), LONGEST_TEXT)
        parts = [("sendMessage", {"text": one}) for one in texts]
        if page.qr is not None and self._pictures is not None:
            photo = {
                "photo": self._pictures.address_of(page.qr.payload),
                "caption": parts[0][1]["text"],
            }
            parts[0] = ("sendPhoto", photo)
        return Sent(send_parts(parts, outgoing.id, self._notes, send))

    def ask(self, method: str, fields: Mapping[str, str]) -> Mapping[str, Any]:
        """One call of its API. Raises SendLater or SendNever."""
        try:
            raw = self._wire.send(
                "POST",
                f"{self._url}/{method}",
                headers={"Content-Type": "application/json"},
                content=json.dumps(fields).encode(),
                deadline=Deadline.after(self._seconds),
            )
            told = mapping(json.loads(raw.body))
        except PlatformError as error:
            raise no_answer(error) from None
        except ValueError:
            raise SendLater("no sense", unsure=True) from None
        if told.get("ok") is True:
            return mapping(told.get("result"))
        if "error_code" not in told:
            raise SendLater("no sense", unsure=True)
        raise self._refused(told["error_code"])

    def _refused(self, code: object) -> SendError:
        known = code if type(code) is int else 0
        match DECISIONS.get(known, "later"):
            case "never":
                return SendNever(str(known))
            case "slow down":
                self._budget.pause(EVERYBODY, 30.0)
                return SendLater(str(known), after=30.0)
            case "alarm":
                _log.error("zalobot_needs_operator", code=known)
                return SendLater(str(known), after=ALARM_AFTER)
            case _:
                return SendLater(str(known))
