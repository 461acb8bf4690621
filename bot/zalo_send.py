"""Sends pages to Zalo: texts with buttons, the QR by the address of a picture, templates when it is late."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from bot.parts import send_parts
from bot.ports import Blind, Notes, Pictures
from bot.split import split
from bot.taps import carry
from bot.turns import EVERYBODY, wait_turn
from bot.windows import Windows
from bot.zalo import LONGEST_TEXT, MOST_BUTTONS, PROVIDER, TAP
from bot.zalo_errors import SLOW_DOWN, send_error, words
from bot.zalo_line import Refusal, ZaloLine
from core.clock import Clock
from core.errors import SendError, SendNever
from core.message import Address, Button, Channel, Network, Page
from core.outbox.budget import Budget
from core.outbox.outgoing import Outgoing
from core.outbox.ports import Sent

LONGEST_TITLE: Final = 100
LONGEST_PAYLOAD: Final = 1000

OPEN: Final = timedelta(days=7)
"""After what a person did last, so long we may write: for 48 hours free, and then for money."""

NOT_LATELY: Final = frozenset({-230, -232})
"""Codes by which Zalo says that this is over."""

CLOSED: Final = "the person has not been in touch for too long"

Part = Mapping[str, Any]
"""One message as Zalo takes it."""


@dataclass(frozen=True, slots=True)
class Templates:
    """Templates that Zalo has approved, by the purpose of a message: for accounts and for numbers.

    Each has one parameter, named `parameter`, that takes the message's words; it holds `longest`
    letters, as it was registered.
    """

    by_account: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    by_phone: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    parameter: str = "text"
    longest: int = 200


class ZaloSender:
    """Implements `core.outbox.ports.Sender`. Thread-safe.

    Somebody who was in touch within `window` gets a consultation message; later, or when Zalo says
    that it is later, a template, if there is one; else SendNever, so that it goes another way.
    """

    provider = PROVIDER
    serves: Collection[tuple[Network, Channel]] = ((PROVIDER, Channel.CHAT),)
    honours_key = False
    receipt_names_us = False

    def __init__(
        self,
        line: ZaloLine,
        *,
        notes: Notes,
        blind: Blind,
        budget: Budget,
        windows: Windows,
        clock: Clock,
        pictures: Pictures | None = None,
        templates: Templates | None = None,
        phone_of: Callable[[Address], str | None] = lambda _: None,
        window: timedelta = OPEN,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Without `pictures` a QR goes out as its short code alone. `phone_of` is a proven number."""
        self._line = line
        self._notes = notes
        self._blind = blind
        self._budget = budget
        self._windows = windows
        self._clock = clock
        self._pictures = pictures
        self._templates = templates or Templates()
        self._phone_of = phone_of
        self._window = window
        self._sleep = sleep

    def send(self, outgoing: Outgoing) -> Sent:
        since = self._windows.since(outgoing.address)
        if since is not None and since > self._window:
            return self._late(outgoing, CLOSED)
        try:
            return Sent(self._consult(outgoing))
        except Refusal as no:
            if no.row.decision != "another way":
                raise self._error(no) from None
            if no.code in NOT_LATELY:
                self._windows.shut(outgoing.address, OPEN + timedelta(minutes=1))
            return self._late(outgoing, words(no.code, no.row))

    # While we may write freely

    def _consult(self, outgoing: Outgoing) -> str | None:
        def send(part: Part, _is_last: bool) -> str | None:
            self._wait(outgoing)
            told = self._line.consult(
                {"recipient": {"user_id": outgoing.address.value}, "message": part}
            )
            return _named(told, "message_id")

        return send_parts(self._parts(outgoing.page), outgoing.id, self._notes, send)

    def _parts(self, page: Page) -> list[Part]:
        """The messages that the page is sent in: nothing is cut off, and buttons hang on the last."""
        texts = split(unicodedata.normalize("NFC", page.text), LONGEST_TEXT)
        parts: list[Part] = [{"text": text} for text in texts]
        if page.buttons:
            buttons = [_button(page.name, button) for button in _few(page.buttons)]
            attachment = {"type": "template", "payload": {"buttons": buttons}}
            parts[-1] = {**parts[-1], "attachment": attachment}
        if page.qr is None or self._pictures is None:
            return parts
        # An image carries no buttons, and has to have some words.
        caption = texts[0].partition("\n")[0]
        return [_image(caption, self._pictures.address_of(page.qr.payload)), *parts]

    # When we may not any longer

    def _late(self, outgoing: Outgoing, why: str) -> Sent:
        """A template instead: to the account, or to the number. Raises SendNever in the end."""
        text = unicodedata.normalize("NFC", outgoing.page.text).strip()
        if outgoing.page.qr is None and len(text) <= self._templates.longest:
            for send in (self._template, self._template_by_phone):
                try:
                    sent = send(outgoing, text)
                except Refusal as no:
                    if no.row.decision not in ("another way", "by phone", "never"):
                        raise self._error(no) from None
                    why = words(no.code, no.row)
                else:
                    if sent is not None:
                        return sent
        raise SendNever(why)

    def _template(self, outgoing: Outgoing, text: str) -> Sent | None:
        template = self._templates.by_account.get(outgoing.purpose)
        if template is None:
            return None
        self._wait(outgoing)
        told = self._line.template(
            {
                "user_id": outgoing.address.value,
                "template_id": template,
                "template_data": {self._templates.parameter: text},
            }
        )
        return Sent(_named(told, "message_id"))

    def _template_by_phone(self, outgoing: Outgoing, text: str) -> Sent | None:
        template = self._templates.by_phone.get(outgoing.purpose)
        phone = self._phone_of(outgoing.address) if template is not None else None
        if template is None or phone is None or not phone.startswith("+84"):
            return None
        self._wait(outgoing)
        told = self._line.template_by_phone(
            {
                "phone": phone.removeprefix("+"),
                "template_id": template,
                "template_data": {self._templates.parameter: text},
                "tracking_id": outgoing.id,
            }
        )
        return Sent(_named(told, "msg_id"))

    def _wait(self, outgoing: Outgoing) -> None:
        chat = self._blind("zalo-chat", outgoing.address.value).hex()
        wait_turn(self._budget, chat, self._sleep, lane=outgoing.lane)

    def _error(self, no: Refusal) -> SendError:
        if no.row.decision == "slow down":
            # All workers share the account: they all wait, not only this one.
            self._budget.pause(EVERYBODY, SLOW_DOWN)
        return send_error(no.code, no.row, self._clock())


def _few(buttons: tuple[Button, ...]) -> tuple[Button, ...]:
    """Raises SendNever for more than Zalo shows: dropping one would leave somebody without it."""
    if len(buttons) > MOST_BUTTONS:
        raise SendNever("too many buttons")
    return buttons


def _button(screen: str, button: Button) -> Part:
    """A tap is not shown in the chat, and brings these words back."""
    payload = TAP + carry(screen, button.key)
    if len(payload) > LONGEST_PAYLOAD or not 0 < len(button.label) <= LONGEST_TITLE:
        raise SendNever("button too long")
    return {"title": button.label, "type": "oa.query.hide", "payload": payload}


def _image(caption: str, url: str) -> Part:
    element = {"media_type": "image", "url": url}
    payload = {"template_type": "media", "elements": [element]}
    return {"text": caption, "attachment": {"type": "template", "payload": payload}}


def _named(told: Mapping[str, Any], field: str) -> str | None:
    """The id of the message, which receipts will name."""
    found = told.get(field)
    return found if isinstance(found, str) and found else None
