"""Tells Telegram who the bot is: its commands and descriptions in every language, and its webhook."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from telegram import Bot, BotCommand

from bot.telegram import ALLOWED_UPDATES
from bot.telegram_line import TelegramLine
from core.dialogue import Dialogue
from core.text import DEFAULT_LANGUAGE, LANGUAGES, Text, _

DESCRIPTION: Final = _(
    "One Door answers from your health record: your personal QR code, vaccinations, test results "
    "and health declaration, for you and your family. Tap Start."
)
SHORT_DESCRIPTION: Final = _(
    "Your health QR code, vaccinations, tests and declaration in one place."
)

MOST_COMMANDS: Final = 100
LONGEST_COMMAND_TEXT: Final = 256
_COMMAND: Final = re.compile(r"[a-z0-9_]{1,32}")
_TWO_LETTERS: Final = re.compile(r"[a-z]{2}")


@dataclass(frozen=True, slots=True)
class Command:
    """A word behind a slash, and what Telegram shows beside it."""

    word: str
    title: Text


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where Telegram is to bring updates, and the secret it proves itself by."""

    url: str
    secret: str = field(repr=False)


def commands_of(dialogues: Iterable[Dialogue]) -> tuple[Command, ...]:
    """A command for every dialogue that can be started by a word: its name, if that is one."""
    found = []
    for dialogue in dialogues:
        words = [word.lower() for word in dialogue.words if _COMMAND.fullmatch(word.lower())]
        if words:
            word = dialogue.name if dialogue.name in words else words[0]
            found.append(Command(word, dialogue.title))
    return tuple(found[:MOST_COMMANDS])


def register(
    line: TelegramLine,
    commands: Sequence[Command],
    *,
    webhook: Webhook | None = None,
    drop_webhook: bool = False,
) -> None:
    """Sets what people see of the bot, then its webhook, or takes the webhook away for polling.

    Doing it again changes nothing. Raises telegram.error.TelegramError.
    """
    for language, code in _languages():
        line.ask(partial(_describe, commands=commands, language=language, code=code))
    if webhook is not None:
        line.ask(
            lambda bot: bot.set_webhook(
                webhook.url, secret_token=webhook.secret, allowed_updates=ALLOWED_UPDATES
            )
        )
    elif drop_webhook:
        line.ask(lambda bot: bot.delete_webhook(drop_pending_updates=False))


def _languages() -> Iterator[tuple[str, str | None]]:
    """(language to say it in, Telegram's code for it); no code is for everybody else."""
    yield DEFAULT_LANGUAGE, None
    for language in LANGUAGES:
        if _TWO_LETTERS.fullmatch(language):
            yield language, language


async def _describe(
    bot: Bot, *, commands: Sequence[Command], language: str, code: str | None
) -> None:
    shown = [
        BotCommand(command.word, command.title.to(language)[:LONGEST_COMMAND_TEXT])
        for command in commands
    ]
    await bot.set_my_commands(shown, language_code=code)
    await bot.set_my_description(DESCRIPTION.to(language), language_code=code)
    await bot.set_my_short_description(SHORT_DESCRIPTION.to(language), language_code=code)
