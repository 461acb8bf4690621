"""How a kept call ends for the person who made it, who by then is somewhere else, or nowhere."""

from __future__ import annotations

from datetime import datetime

from core.dialogue import Dialogue
from core.message import Screen
from core.text import Text, _, lines, plain


def last_word(screen: Screen, dialogue: Dialogue) -> Screen:
    """The screen as something that is told. A question can no longer be answered from here: it
    becomes the way to ask it again."""
    if not screen.options:
        return screen
    brief = lines(screen.brief, *_again(dialogue)) if screen.brief else None
    return Screen(lines(screen.say, *_again(dialogue)), brief=brief)


def in_vain(dialogue: Dialogue, said_at: datetime) -> Screen:
    """What was promised could not be done."""
    sorry = _(
        "We are sorry: {title}, asked for at {time}, did not work out, because the health platform "
        "gave no answer.",
        title=dialogue.title,
        time=said_at,
    )
    return Screen(lines(sorry, *_again(dialogue)))


def reminder(dialogue: Dialogue, service_code: str) -> Screen:
    """To somebody who was cut off: what is not finished, and the two ways to go on with it."""
    return Screen(
        _(
            "{title}: not finished yet. To go on, dial {code} or reply CONTINUE.",
            title=dialogue.title,
            code=plain(service_code),
        )
    )


def _again(dialogue: Dialogue) -> tuple[Text, ...]:
    if not dialogue.words:
        return ()
    return (_("To try again, send {word}.", word=plain(dialogue.words[0])),)
