"""What a step shows: its words, its choices with their numbers, and the ways that lead elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from core import hear
from core.dialogue import Answers, Ask, Call, Choose, Dialogue, Step, Tell, choices_of, said_by
from core.message import Option, Screen
from core.text import Text, _, lines

SORRY = _("The health platform is not answering. Please try again in a few minutes.")
AGAIN = hear.numbered({"again": _("Try again")})
"""What is offered when a platform did not answer."""

BACK = Option("back", hear.BACK, _("Back"))
TO_MENU = Option("menu", hear.MENU, _("Menu"))

TEXT = "text"
"""The key of the offer to have what is on the screen as a text."""
TEXT_ME = _("Text me this")


def screen_of(
    step: Step,
    answers: Answers,
    *,
    ways: tuple[Option, ...],
    note: Text | None = None,
    texts: bool = False,
) -> Screen:
    """The screen of a step with these answers, and a note above its words.

    `texts`: a text may be had of what is said here, where the step knows how.
    """

    def noted(said: Text) -> Text:
        return lines(note, said) if note else said

    match step:
        case Call():
            return Screen(noted(SORRY), options=AGAIN, ways=ways)
        case Tell(say=say, brief=brief):
            return Screen(
                noted(said_by(say, answers)),
                brief=noted(said_by(brief, answers)) if brief else None,
                text=noted(said_by(step.text, answers)) if step.text else None,
                options=hear.numbered(offers_of(step, answers, texts=texts)),
                ways=() if step.end else ways,
                qr=step.qr(answers) if step.qr else None,
                end=step.end,
            )
        case Choose(ask=say, brief=brief) | Ask(ask=say, brief=brief):
            return Screen(
                noted(said_by(say, answers)),
                brief=noted(said_by(brief, answers)) if brief else None,
                text=_text_of(step, answers, noted),
                options=options_of(step, answers) if isinstance(step, Choose) else (),
                ways=ways,
                wants=step.wants if isinstance(step, Ask) else None,
            )


def _text_of(step: Choose | Ask, answers: Answers, noted: Callable[[Text], Text]) -> Text | None:
    if not isinstance(step, Choose) or step.text is None:
        return None
    return noted(said_by(step.text, answers))


def offers_of(step: Tell, answers: Answers, *, texts: bool) -> Mapping[str, Text]:
    """What may be picked under a last word."""
    offers = step.offers(answers) if step.offers else {}
    return {**offers, TEXT: TEXT_ME} if step.texted and texts else offers


def options_of(step: Choose, answers: Answers) -> tuple[Option, ...]:
    """The choices of a step with their numbers."""
    return hear.numbered(choices_of(step, answers))


class FixedScreens:
    """The screens which depend on no answer: made once, and the same object each time.

    There are as many as dialogues have such steps, and nothing of any person is on them.
    """

    def __init__(self) -> None:
        self._made: dict[str, Screen] = {}

    def of(
        self, dialogue: Dialogue, name: str, step: Step, ways: tuple[Option, ...]
    ) -> Screen | None:
        """The screen of this step, or None when it depends on something."""
        key = f"{dialogue.name} {name} {len(ways)}"
        made = self._made.get(key)
        if made is None and dialogue.more is None and _is_fixed(step):
            made = replace(screen_of(step, {}, ways=ways), fixed=key)
            self._made[key] = made
        return made


def _is_fixed(step: Step) -> bool:
    """Are all its words written in the code?"""
    match step:
        case Choose(ask=Text(), brief=None | Text(), text=None | Text(), choices=choices):
            return isinstance(choices, Mapping)
        case Ask(ask=Text(), brief=None | Text()):
            return True
        case Tell(
            say=Text(), brief=None | Text(), text=None | Text(), qr=None, offers=None, texted=None
        ):
            return True
        case _:
            return False
