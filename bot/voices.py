"""How we speak on each chat network: what fits into a message there, and how many buttons."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot import telegram, zalo, zalobot
from bot.voice import ChatVoice
from core.message import Network

PATIENCE: Final = 15.0
"""Seconds that somebody who chats waits for an answer, unless a setting says otherwise."""


def voices(patience: float = PATIENCE) -> Mapping[Network, ChatVoice]:
    """One for each chat network, by its name."""
    return {
        "telegram": ChatVoice(longest=telegram.LONGEST_TEXT, patience=patience),
        "zalo": ChatVoice(
            longest=zalo.LONGEST_TEXT,
            patience=patience,
            most_buttons=zalo.MOST_BUTTONS,
            longest_label=zalo.LONGEST_LABEL,
        ),
        "zalobot": ChatVoice(longest=zalobot.LONGEST_TEXT, patience=patience, most_buttons=0),
    }
