"""The keys that Telegram shows: below a message for buttons, instead of the letters for a phone number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
)

from bot.taps import MOST_OCTETS, carry
from core.errors import SendNever
from core.gsm import ucs2_units
from core.message import Button, Page

SHORT: Final = 16
"""Two buttons with no more units than this share a row."""


def inline(page: Page) -> InlineKeyboardMarkup | None:
    """The page's buttons, each knowing the screen it hangs on; None when it has none.

    Raises SendNever for a key that no button can carry: dropping it would leave the person without.
    """
    if not page.buttons:
        return None
    return InlineKeyboardMarkup(
        [[_inline_button(page.name, button) for button in row] for row in rows(page.buttons)]
    )


def share_contact(page: Page) -> ReplyKeyboardMarkup:
    """The key that shares one's own phone number; the others say their words when tapped."""
    keys = [
        [KeyboardButton(button.label, request_contact=True if button.key == "phone" else None)]
        for button in page.buttons
    ]
    return ReplyKeyboardMarkup(keys, resize_keyboard=True, one_time_keyboard=True)


def rows(buttons: Iterable[Button]) -> list[list[Button]]:
    """One button a row, or two short ones."""
    laid: list[list[Button]] = []
    for button in buttons:
        before = laid[-1] if laid else []
        if len(before) == 1 and _is_short(before[0]) and _is_short(button):
            before.append(button)
        else:
            laid.append([button])
    return laid


def _is_short(button: Button) -> bool:
    return ucs2_units(button.label) <= SHORT


def _inline_button(screen: str, button: Button) -> InlineKeyboardButton:
    comes_back = carry(screen, button.key)
    if len(comes_back.encode()) > MOST_OCTETS:
        raise SendNever("button key too long")
    return InlineKeyboardButton(button.label, callback_data=comes_back)
