"""The words of a campaign: templates of the house and one's own, and the values that go into them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from core.campaigns.campaign import CampaignError, Words
from core.message import Page, Screen
from core.notices.notice import LONGEST_MASKED
from core.notices.ports import Speaker
from core.outbox.outgoing import Purpose
from core.outbox.templates import TEMPLATES, BadValues
from core.privacy import mask_name
from core.text import DEFAULT_LANGUAGE, LANGUAGES, Text, in_languages

LONGEST_TEXT: Final = 1000

READY: Final = Words("result-ready")

_HOLE: Final = re.compile(r"\{([^{}]*)\}")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,30}")


class BadWords(CampaignError):
    """These words cannot be used; the message says why."""


class Unfit(Exception):
    """With these values there is no text; the message says why, and holds none of them."""


def examine(words: Words) -> None:
    """Raises BadWords unless these words can be filled."""
    if bool(words.template) == bool(words.texts):
        raise BadWords("give either a template or a text")
    if words.template:
        if words.template not in TEMPLATES:
            raise BadWords(f"no such template: there are {', '.join(TEMPLATES)}")
        return
    if DEFAULT_LANGUAGE not in words.texts:
        raise BadWords("a text in Vietnamese (vi) is needed; other languages are welcome beside it")
    for language, text in words.texts.items():
        if language not in LANGUAGES:
            raise BadWords(f"texts can be in {', '.join(LANGUAGES)}")
        _examine_text(language, text)


def _examine_text(language: str, text: str) -> None:
    if not text.strip():
        raise BadWords(f"the text in {language} is empty")
    if len(text) > LONGEST_TEXT:
        raise BadWords(f"the text in {language} is longer than {LONGEST_TEXT} letters")
    if any(unicodedata.category(one) in ("Cc", "Cs") and one != "\n" for one in text):
        raise BadWords(f"the text in {language} holds signs that no phone shows")
    if any(brace in _HOLE.sub("", text) for brace in "{}"):
        raise BadWords(f"the text in {language} has a brace without its other half")
    for name in _HOLE.findall(text):
        if not _NAME.fullmatch(name):
            raise BadWords(
                f"the text in {language} has a hole that is no name of a column: "
                "write {name}, small letters, digits and _ only"
            )


def holes(words: Words) -> frozenset[str]:
    """The names of the values that these words need."""
    if words.template:
        return frozenset(TEMPLATES[words.template].needs)
    return frozenset(name for text in words.texts.values() for name in _HOLE.findall(text))


def fill(
    words: Words,
    values: Mapping[str, str],
    purpose: Purpose,
    voice: Speaker,
    *,
    language: str,
    accents: bool | None,
    discreet: bool = False,
) -> Page:
    """What one person reads. A result, and a template, name nobody in full. Raises Unfit.

    `discreet`: they keep results out of texts, and read only that one is ready.
    """
    if discreet and purpose is Purpose.RESULT:
        words, values = READY, {name: one for name, one in values.items() if name == "name"}
    said = _template(words, values) if words.template else _own(words, values, purpose)
    pages = voice.pages(Screen(said), language=language, accents=accents)
    if len(pages) != 1:
        raise Unfit("the text is longer than one message may be")
    return pages[0]


def _template(words: Words, values: Mapping[str, str]) -> Text:
    try:
        return TEMPLATES[words.template].filled(values)
    except BadValues as error:
        names = ", ".join(error.names)
        raise Unfit(f"bad {names} (days are written 2026-11-30, times 08:30)") from None


def _own(words: Words, values: Mapping[str, str], purpose: Purpose) -> Text:
    shown = dict(values)
    lacking = sorted(holes(words) - shown.keys())
    if lacking:  # other words came while these rows were read
        raise Unfit(f"no {', '.join(lacking)}")
    if purpose is Purpose.RESULT and "name" in shown:
        shown["name"] = mask_name(shown["name"])[:LONGEST_MASKED].rstrip()
    own = {
        language: _HOLE.sub(lambda found: shown[found[1]], text)
        for language, text in words.texts.items()
    }
    return in_languages(own[DEFAULT_LANGUAGE], own)
