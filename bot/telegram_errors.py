"""What each refusal of the Bot API means for a message: the one table of decisions."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

import structlog
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    EndPointNotFound,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from core.errors import SendError, SendLater, SendNever

Decision = Literal["asked to wait", "opted out", "never", "later", "alarm", "harmless"]

_log = structlog.get_logger("telegram")

# python-telegram-bot warns at every `retry_after` that it will be a timedelta, unless it may be one.
os.environ.setdefault("PTB_TIMEDELTA", "1")

ALARM_AFTER: Final = 60.0
"""Seconds until a message is tried again whose sending only an operator can make work."""


@dataclass(frozen=True, slots=True)
class _Row:
    error: type[TelegramError]
    words: str
    decision: Decision


# The first row that fits decides: the error is of this kind and its words contain these.
# BadRequest is a NetworkError and so is TimedOut: they must stand above it.
DECISIONS: Final = (
    _Row(RetryAfter, "", "asked to wait"),
    _Row(Forbidden, "blocked by the user", "opted out"),
    _Row(Forbidden, "user is deactivated", "opted out"),
    _Row(Forbidden, "", "never"),
    _Row(ChatMigrated, "", "never"),
    _Row(BadRequest, "query is too old", "harmless"),
    _Row(BadRequest, "query id is invalid", "harmless"),
    _Row(BadRequest, "message is not modified", "harmless"),
    _Row(BadRequest, "message to edit not found", "harmless"),
    _Row(BadRequest, "message can't be edited", "harmless"),
    _Row(BadRequest, "", "never"),
    _Row(TimedOut, "", "later"),
    _Row(NetworkError, "", "later"),
    _Row(InvalidToken, "", "alarm"),
    _Row(EndPointNotFound, "", "alarm"),
    _Row(Conflict, "", "alarm"),
    _Row(TelegramError, "", "later"),
)


def decision(error: TelegramError) -> Decision:
    """What the table says about this error."""
    said = str(error).lower()
    for row in DECISIONS:
        if isinstance(error, row.error) and row.words in said:
            return row.decision
    return "later"


def send_error(error: TelegramError, *, one_chat: bool = False) -> SendError:
    """The error as the dispatcher understands it. Its words never hold the token or a message.

    `one_chat`: a wait that Telegram asks for is about this chat alone.
    """
    match decision(error):
        case "asked to wait" if isinstance(error, RetryAfter):
            return SendLater("429", after=seconds(error.retry_after), one_address=one_chat)
        case "opted out":
            return SendNever(words(error), opted_out=True)
        case "never" | "harmless":
            return SendNever(words(error))
        case "alarm":
            alarm(error)
            return SendLater(type(error).__name__, after=ALARM_AFTER)
        case _:
            return SendLater(words(error), unsure=unsure(error))


def unsure(error: TelegramError) -> bool:
    """Whether Telegram may have done it all the same: the connection stood, and no answer came."""
    cause = type(error.__cause__).__name__
    return error.__cause__ is not None and not cause.startswith(("Connect", "Pool"))


def alarm(error: TelegramError) -> None:
    """Only an operator can help: the token is wrong, or somebody else uses the same bot."""
    _log.error("telegram_needs_operator", error=type(error).__name__)


def words(error: TelegramError) -> str:
    """Telegram's own words where it refused; of a failing network only its kind."""
    if isinstance(error, NetworkError) and not isinstance(error, BadRequest):
        return type(error).__name__
    return str(error)[:200]


def seconds(wait: int | timedelta) -> float:
    """`retry_after` in seconds."""
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
