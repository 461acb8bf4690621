"""Reads what Zalo brings (the webhook events of an official account) into what a person said."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from bot.network import Blocked, Ignored, Meant, Remark, TakenOver, Told
from bot.ports import Blind
from bot.reading import mapping, place, text
from bot.taps import tapped
from core.asked import Answer, Asked
from core.errors import Malformed
from core.message import Address, Channel, Inbound
from core.outbox.outgoing import Receipt, Status
from core.people.phone import BadPhone, read_phone

PROVIDER: Final = "zalo"

SIGNATURE: Final = "x-zevent-signature"
LONGEST_TEXT: Final = 2000
MOST_BUTTONS: Final = 5
LONGEST_LABEL: Final = 35
"""Units of a button's words that phones show; Zalo takes 100."""

TAP: Final = "#mc:"
"""What a button's words begin with. Zalo brings a tap as a text, which anybody might type as well:
only what is an option of the screen on show counts, and that they may type anyhow."""

WITHDRAWN: Final = "user_withdraw"
"""A request to forget; its other fields are not written down anywhere, so it may name anybody."""

MOST_SEEN: Final = 100
"""Receipts read out of one event."""

LONGEST_ADDRESS: Final = 2000

_ID: Final = re.compile(r"[\x21-\x7e]{1,64}")

Reader = Callable[["Zalo", str, Mapping[str, Any]], Meant]


class Zalo:
    """Implements `bot.network.Network`.

    Without an app id it refuses everybody. Without the account's secret it is being set up: Zalo
    calls the address before it shows that secret, and must be answered well. `oa_id` may be empty;
    otherwise events of other accounts of the same app are left alone.
    """

    name = PROVIDER
    labels_json = False

    def __init__(self, *, app_id: str, oa_id: str, secret: str, blind: Blind) -> None:
        self._app_id = app_id
        self._oa_id = oa_id
        self._secret = secret
        self._blind = blind

    @property
    def awake(self) -> bool:
        return bool(self._secret)

    def prove(self, asked: Asked) -> bool:
        """Checks `X-ZEvent-Signature`, with or without `mac=` before it.

        Source: Zalo's own SDK signs sha256(app id + body + timestamp + account's secret key).
        """
        if not self._app_id or not self.awake:
            return bool(self._app_id)
        given = asked.headers.get(SIGNATURE, "").strip().lower().removeprefix("mac=")
        wanted = signature(self._app_id, asked.body, _timestamp(asked.body), self._secret)
        return hmac.compare_digest(given.encode("utf-8", "replace"), wanted.encode())

    def read(self, event: Mapping[str, Any]) -> Meant:
        kind = event.get("event_name")
        if not isinstance(kind, str):
            raise Malformed("event_name")
        reader = EVENTS.get(kind)
        if reader is None:
            return Ignored(IGNORED.get(kind, "unknown kind"))
        if kind != WITHDRAWN and self._is_anothers(event):
            return Ignored("another account")
        return reader(self, kind, event)

    def taken(self, remark: Remark | None) -> Answer:
        return Answer("ok")

    def _is_anothers(self, brought: Mapping[str, Any]) -> bool:
        """An app may serve several accounts, all of which call the same address."""
        named = {
            _id(brought.get("oa_id")),
            _id(mapping(brought.get("sender")).get("id")),
            _id(mapping(brought.get("recipient")).get("id")),
        }
        return bool(self._oa_id) and len(named - {None}) > 0 and self._oa_id not in named

    # The kinds of events

    def _text(self, kind: str, brought: Mapping[str, Any]) -> Meant:
        said = text(mapping(brought.get("message")).get("text"), LONGEST_TEXT)
        if said.startswith(TAP):
            return self._inbound(kind, brought, **tapped(said.removeprefix(TAP)))
        return self._inbound(kind, brought, said=(said,))

    def _image(self, kind: str, brought: Mapping[str, Any]) -> Meant:
        """Zalo keeps the photo behind an address, which ends soon."""
        address = text(_attached(brought).get("url"), LONGEST_ADDRESS)
        return self._inbound(kind, brought, said=("",), picture=address or None)

    def _location(self, kind: str, brought: Mapping[str, Any]) -> Meant:
        at = mapping(_attached(brought).get("coordinates"))
        where = place(at.get("latitude"), at.get("longitude"))
        return self._inbound(kind, brought, said=("",), place=where)

    def _unreadable(self, kind: str, brought: Mapping[str, Any]) -> Meant:
        return self._inbound(kind, brought, said=("",))

    def _arrives(self, kind: str, brought: Mapping[str, Any]) -> Meant:
        return self._inbound(kind, brought, event="new")

    def _leaves(self, kind: str, brought: Mapping[str, Any]) -> Meant:
        person = _person(brought)
        return Ignored("no person") if person is None else Blocked(Address(PROVIDER, person))

    def _withdraws(self, kind: str, brought: Mapping[str, Any]) -> Meant:
        return self._inbound(kind, brought, event="forget")

    def _form(self, kind: str, brought: Mapping[str, Any]) -> Meant:
        """A form with name, phone and address. Whoever fills it in may write any number there."""
        digits = text(mapping(brought.get("info")).get("phone"), 40).strip().lstrip("+")
        try:
            return self._inbound(kind, brought, claimed=str(read_phone(f"+{digits}")))
        except BadPhone:
            return self._inbound(kind, brought, said=("",))

    def _received(self, kind: str, brought: Mapping[str, Any]) -> Meant:
        """Arrived on the phone. What was sent by phone number brings our own id along."""
        message = mapping(brought.get("message"))
        ref, ours = _id(message.get("msg_id")), _id(message.get("tracking_id"))
        if ref is None:
            return Ignored("no message")
        return Told((Receipt(PROVIDER, ref, Status.DELIVERED, outgoing_id=ours),))

    def _seen(self, kind: str, brought: Mapping[str, Any]) -> Meant:
        named = mapping(brought.get("message")).get("msg_ids")
        refs = [_id(one) for one in named[:MOST_SEEN]] if isinstance(named, list) else []
        receipts = tuple(Receipt(PROVIDER, ref, Status.DELIVERED) for ref in refs if ref)
        return Told(receipts) if receipts else Ignored("no message")

    def _echo(self, kind: str, brought: Mapping[str, Any]) -> Meant:
        """What the account has sent: by us, or by hand when it names who did."""
        person = _id(mapping(brought.get("recipient")).get("id"))
        by_hand = _id(mapping(brought.get("sender")).get("admin_id")) is not None
        if person is None or not by_hand:
            return Ignored("our own")
        said = text(mapping(brought.get("message")).get("text"), LONGEST_TEXT)
        return TakenOver(self._by(person, kind, brought, event="by-hand", said=(said,)))

    def _inbound(self, kind: str, brought: Mapping[str, Any], **what: Any) -> Meant:
        person = _person(brought)
        return Ignored("no person") if person is None else self._by(person, kind, brought, **what)

    def _by(self, person: str, kind: str, brought: Mapping[str, Any], **what: Any) -> Inbound:
        return Inbound(
            channel=Channel.CHAT,
            provider=PROVIDER,
            address=Address(PROVIDER, person),
            wire=person,
            hop=self._hop(kind, brought, person),
            **what,
        )

    def _hop(self, kind: str, brought: Mapping[str, Any], person: str) -> str:
        """What stays the same when Zalo brings an event again: it has no number of its own."""
        message = _id(mapping(brought.get("message")).get("msg_id"))
        if message is not None:
            return message
        about = f"{kind} {_as_text(brought.get('timestamp'))} {person}"
        return self._blind("zalo-event", about).hex()


def signature(app_id: str, body: bytes, timestamp: str, secret: str) -> str:
    """What Zalo signs an event with, in small hexadecimal letters."""
    return hashlib.sha256(
        app_id.encode() + body + timestamp.encode("utf-8", "replace") + secret.encode()
    ).hexdigest()


_SENT: Final = ("text", "image", "gif", "list", "file", "sticker")

EVENTS: Final[Mapping[str, Reader]] = {
    "user_send_text": Zalo._text,
    "user_send_image": Zalo._image,
    "user_send_location": Zalo._location,
    **dict.fromkeys(
        (
            *("user_send_gif", "user_send_link", "user_send_audio"),
            *("user_send_video", "user_send_sticker"),
            *("user_send_business_card", "user_send_file"),
        ),
        Zalo._unreadable,
    ),
    "follow": Zalo._arrives,
    "user_click_chatnow": Zalo._arrives,
    "unfollow": Zalo._leaves,
    "user_submit_info": Zalo._form,
    "user_received_message": Zalo._received,
    "user_seen_message": Zalo._seen,
    **{f"oa_send_{kind}": Zalo._echo for kind in _SENT},
    WITHDRAWN: Zalo._withdraws,
}
"""What we do about each kind of event."""

IGNORED: Final[Mapping[str, str]] = {
    **{f"anonymous_send_{kind}": "no account" for kind in ("text", "image", "file", "sticker")},
    "user_reacted_message": "reaction",
    "oa_reacted_message": "reaction",
    "add_user_to_tag": "book-keeping",
    "update_user_info": "book-keeping",
    "widget_interaction_accepted": "book-keeping",
    "change_template_status": "book-keeping",
    "change_oa_daily_quota": "book-keeping",
}
"""Kinds that we leave alone on purpose, and why."""


def _attached(brought: Mapping[str, Any]) -> Mapping[str, Any]:
    """What hangs on a message: the first of it, which is all there ever is."""
    sent = mapping(brought.get("message")).get("attachments")
    first = mapping(sent[0]) if isinstance(sent, list) and sent else {}
    return mapping(first.get("payload"))


def _person(event: Mapping[str, Any]) -> str | None:
    """Who did it: most events have a sender, some a follower, some a bare id."""
    for who in (
        mapping(event.get("sender")).get("id"),
        mapping(event.get("follower")).get("id"),
        event.get("user_id"),
    ):
        if (found := _id(who)) is not None:
            return found
    return None


def _id(value: object) -> str | None:
    """An id as Zalo writes them: digits or letters in a string, or a bare number in old samples."""
    written = _as_text(value)
    return written if _ID.fullmatch(written) else None


def _as_text(value: object) -> str:
    if isinstance(value, str):
        return text(value, 100)
    return str(value) if type(value) is int and abs(value) < 10**30 else ""


def _timestamp(body: bytes) -> str:
    """The event's own timestamp, which is part of what is signed: a string, or else a number."""
    try:
        written = mapping(json.loads(body)).get("timestamp")
    except (ValueError, RecursionError):
        return ""
    if isinstance(written, str):
        return written
    return str(written) if type(written) is int else ""
