"""Sends pages to Telegram: texts with buttons, the personal QR as a photo, the share-contact key."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Final

import structlog
from telegram import (
    InlineKeyboardMarkup,
    Message,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.error import BadRequest, RetryAfter, TelegramError

from bot.keyboards import inline, share_contact
from bot.parts import send_parts
from bot.ports import Blind, Notes
from bot.split import split
from bot.telegram import LONGEST_TEXT, PROVIDER
from bot.telegram_errors import decision, seconds, send_error, words
from bot.telegram_line import Request, TelegramLine
from bot.turns import wait_turn
from core.errors import SendNever
from core.gsm import ucs2_units
from core.message import Channel, Network, Page, Qr
from core.outbox.budget import Budget
from core.outbox.outgoing import Outgoing, Purpose
from core.outbox.ports import Sent
from core.qr.image import png

LONGEST_CAPTION: Final = 1024
_DAY: Final = 86400
_KEYBOARD_GONE: Final = "✅"
"""A keyboard can only be taken away by a message; this one needs no language."""

_log = structlog.get_logger("telegram")

Keys = InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None


@dataclass(frozen=True, slots=True)
class _Part:
    """One message of a page; with a QR, `text` is its caption."""

    text: str
    qr: Qr | None = None


@dataclass(frozen=True, slots=True)
class _Chat:
    """Where a page goes: the number Telegram wants, and the name under which we keep notes."""

    number: int
    name: str


class TelegramSender:
    """Carries pages to Telegram chats. Thread-safe; everything goes through one line."""

    honours_key = False
    receipt_names_us = False

    def __init__(
        self,
        line: TelegramLine,
        *,
        notes: Notes,
        blind: Blind,
        budget: Budget,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._line = line
        self._notes = notes
        self._blind = blind
        self._budget = budget
        self._sleep = sleep

    @property
    def provider(self) -> str:
        return PROVIDER

    @property
    def serves(self) -> Collection[tuple[Network, Channel]]:
        return (("telegram", Channel.CHAT),)

    def send(self, outgoing: Outgoing) -> Sent:
        """Sends the page, in several messages if it must; raises SendLater or SendNever.

        The tap that it answers stops spinning first, and old buttons vanish last. A page of several
        messages that failed half-way goes on where it stopped.
        """
        page, chat = outgoing.page, self._chat(outgoing.address.value)
        if callback := page.trace.get("callback"):
            self._gently("answer", lambda bot: bot.answer_callback_query(callback))
        wait_turn(self._budget, chat.name, self._sleep, lane=outgoing.lane)
        try:
            keys = self._keys(chat, outgoing)
            last = self._write(chat, outgoing, keys)
        except TelegramError as error:
            one_chat = isinstance(error, RetryAfter) and self._asked_to_wait(chat, error)
            raise send_error(error, one_chat=one_chat) from None
        if _answers(outgoing):
            self._tidy_up(chat, page, keys, last)
        return Sent(provider_ref=str(last))

    def _chat(self, value: str) -> _Chat:
        try:
            return _Chat(int(value), self._blind("telegram-chat", value).hex())
        except ValueError:
            raise SendNever("not a chat id") from None

    def _asked_to_wait(self, chat: _Chat, error: RetryAfter) -> bool:
        """Telegram does not say whether a wait is for one chat or for the whole bot.

        When a second chat is told to wait while the first one does, it is for the bot.
        """
        wait = seconds(error.retry_after)
        self._budget.pause(chat.name, wait)
        other = self._notes.get("asked-to-wait")
        self._notes.put("asked-to-wait", chat.name, math.ceil(wait) or 1)
        return other in (None, chat.name)

    # Writing

    def _write(self, chat: _Chat, outgoing: Outgoing, keys: Keys) -> int:
        """Sends the page's parts, the last one with the keys; gives its number."""

        def send(part: _Part, is_last: bool) -> int:
            return self._send_part(chat, part, keys if is_last else None)

        return send_parts(_parts(outgoing.page), outgoing.id, self._notes, send)

    def _send_part(self, chat: _Chat, part: _Part, keys: Keys) -> int:
        if part.qr is not None:
            return self._send_photo(chat, part.qr, part.text, keys)
        sent = self._line.ask(
            lambda bot: bot.send_message(chat.number, part.text, reply_markup=keys)
        )
        return sent.message_id

    def _send_photo(self, chat: _Chat, qr: Qr, caption: str, keys: Keys) -> int:
        """The QR as a photo that cannot be passed on; one that Telegram has is not uploaded again."""
        note = f"photo:{self._line.bot_id}:{self._blind('telegram-photo', qr.payload).hex()}"
        known = self._notes.get(note)

        def photo(picture: str | bytes) -> Request[Message]:
            return lambda bot: bot.send_photo(
                chat.number,
                picture,
                caption=caption or None,
                reply_markup=keys,
                protect_content=True,
                filename=None if isinstance(picture, str) else "qr.png",
            )

        if known is not None:
            try:
                return self._line.ask(photo(known)).message_id
            except BadRequest as refused:
                if "file" not in str(refused).lower():
                    raise
                self._notes.forget(note)
        sent = self._line.ask(photo(png(qr.payload)))
        if sent.photo:
            self._notes.put(note, sent.photo[-1].file_id, 30 * _DAY)
        return sent.message_id

    # Keys, new and old

    def _keys(self, chat: _Chat, outgoing: Outgoing) -> Keys:
        """The keys of this page. A share-contact key of before is taken away, if need be first."""
        page = outgoing.page
        if page.wants == "phone":
            return share_contact(page)
        keys = inline(page)
        note = f"sharing:{chat.name}"
        if not _answers(outgoing) or self._notes.get(note) is None:
            return keys
        if keys is None:
            return ReplyKeyboardRemove()
        self._line.ask(
            lambda bot: bot.send_message(
                chat.number, _KEYBOARD_GONE, reply_markup=ReplyKeyboardRemove()
            )
        )
        self._notes.forget(note)
        return keys

    def _tidy_up(self, chat: _Chat, page: Page, keys: Keys, last: int) -> None:
        """Only the newest question keeps its buttons; what keys are up is remembered."""
        asked = f"asked:{chat.name}"
        old = {page.trace.get("message"), self._notes.get(asked)} - {None, str(last)}
        for number in sorted(one for one in old if one is not None and one.isdigit()):
            self._retire(chat, int(number))
        match keys:
            case InlineKeyboardMarkup():
                self._notes.put(asked, str(last), 2 * _DAY)
            case ReplyKeyboardMarkup():
                self._notes.forget(asked)
                self._notes.put(f"sharing:{chat.name}", "1", 30 * _DAY)
            case ReplyKeyboardRemove():
                self._notes.forget(asked)
                self._notes.forget(f"sharing:{chat.name}")
            case None:
                self._notes.forget(asked)

    def _retire(self, chat: _Chat, number: int) -> None:
        self._gently("retire", lambda bot: bot.edit_message_reply_markup(chat.number, number))

    def _gently(self, what: str, request: Request[object]) -> None:
        """Asks for something that may fail: the answer counts, not its trimmings."""
        try:
            self._line.ask(request, patience=5.0)
        except TelegramError as error:
            if decision(error) != "harmless":
                _log.warning("telegram_trimming_failed", what=what, error=words(error))


def _answers(outgoing: Outgoing) -> bool:
    """Is it the conversation's next screen? Notices and late answers leave the open question alone."""
    return outgoing.purpose is Purpose.REPLY and bool(outgoing.page.name)


def _parts(page: Page) -> tuple[_Part, ...]:
    """The messages that the page is sent in: nothing is cut off."""
    if page.qr is None:
        return tuple(_Part(text) for text in split(page.text, LONGEST_TEXT))
    if ucs2_units(page.text) <= LONGEST_CAPTION:
        return (_Part(page.text, page.qr),)
    return (_Part("", page.qr), *(_Part(text) for text in split(page.text, LONGEST_TEXT)))
