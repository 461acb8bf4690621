"""Confirming by SMS: a code that follows from what is to be confirmed, so that nothing is stored.

Anybody can send a text under somebody else's number; only its owner reads the answer. So what
changes something is done when the answer's code comes back (decision 0010).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import orjson

from core.dialogue import Choose, Step
from core.message import Screen
from core.session import Talk
from core.text import Text, _, joined, plain

TRIES = 5
"""With so many wrong codes one begins again."""

TRIES_OF_A_NUMBER = 15
"""So many wrong codes under one number, with no right one between them, close it for a while."""

CLOSED = timedelta(hours=1)

TRIED = "#codes"
"""The answer that counts the wrong codes; it is no part of what is confirmed."""

Confirm = Callable[[str], str]
"""Gives the four digits that belong to this very thing: the same for the same, whoever asks."""


def digits_of(blind: Callable[[str], bytes]) -> Confirm:
    """Codes made with a keyed hash: without its key nobody can work them out."""

    def digits(seed: str) -> str:
        return f"{int.from_bytes(blind(seed)[:8], 'big') % 10_000:04d}"

    return digits


def for_this_process() -> Confirm:
    """Codes that hold only in this process, for whoever has no key to share with others."""
    key = secrets.token_bytes(32)
    return digits_of(lambda seed: hmac.digest(key, seed.encode(), hashlib.sha256))


def seed_of(person_id: str, talk: Talk) -> str:
    """All that is confirmed: another answer has another code."""
    answers = {name: value for name, value in talk.answers.items() if name != TRIED}
    known = orjson.dumps(answers, option=orjson.OPT_SORT_KEYS).decode()
    return "\x1f".join((person_id, talk.id, talk.step, known))


def with_code(screen: Screen, step: Step, code: str) -> Screen:
    """The screen of a text: what changes something is picked by its code."""
    commits = step.commits if isinstance(step, Choose) else None
    options = (
        replace(one, reply=_reply(code, one.label)) if one.key == commits else one
        for one in screen.options
    )
    return replace(screen, options=tuple(options))


def _reply(code: str, label: Text) -> Text:
    """What is to be written: the word for sending and the code, then what it does."""
    send = _("SEND {code}", code=plain(code))
    return send if label == _("Send") else joined(" ", send, label)


ASK_FOR_CODE = _("For your safety, reply with the code that stands here.")
NOTHING_WAITS = _("Nothing waits for a code just now. It may have been sent already. Text MENU.")
WRONG_CODE = _("That is not the code. Please check and try again.")
