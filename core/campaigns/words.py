"""The words of a campaign: templates of the house and one's own, and the values that go into them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from core.campaigns.campaign import CampaignError, Words
from core.message import Page, Screen
from core.notices.notice import LONGEST_MASKED
from core.notices.ports import Speaker
from core.outbox.outgoing import Purpose
from core.privacy import mask_name
from core.text import DEFAULT_LANGUAGE, LANGUAGES, Text, _, in_languages

TEMPLATES: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "result": _("{name}, {method} sampled {time}: {result}."),
        "result-ready": _("A test result of {name} is ready. Reply KQ to read it."),
        "dose": _("{name} can have the next vaccine dose from {day}. Reply TIEM to see the doses."),
        "declare": _("{name}, please make a health declaration. Reply KB to begin."),
        "call": _("{name}, please come to {place} on {day} for {what}."),
    }
)
"""By name; their values are columns of the table."""

LONGEST_TEXT: Final = 1000

_HOLE: Final = re.compile(r"\{([^{}]*)\}")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,30}")


class BadWords(CampaignError):
    """These words cannot be used; the message says why."""


class TooLong(Exception):
    """With these values the text is longer than one message may be."""


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
    texts = [TEMPLATES[words.template].template] if words.template else words.texts.values()
    return frozenset(name for text in texts for name in _HOLE.findall(text))


def fill(
    words: Words,
    values: Mapping[str, str],
    purpose: Purpose,
    voice: Speaker,
    *,
    language: str,
    accents: bool | None,
) -> Page:
    """What one person reads. A result names nobody in full. Raises TooLong, KeyError for a hole."""
    shown = {name: _fit(name, value, purpose) for name, value in values.items()}
    pages = voice.pages(Screen(_text(words, shown)), language=language, accents=accents)
    if len(pages) != 1:
        raise TooLong
    return pages[0]


def _fit(name: str, value: str, purpose: Purpose) -> str:
    if name == "name" and purpose is Purpose.RESULT:
        return mask_name(value)[:LONGEST_MASKED].rstrip()
    return value


def _text(words: Words, values: Mapping[str, str]) -> Text:
    if words.template:
        template = TEMPLATES[words.template]
        return template.with_(**{name: values[name] for name in holes(words)})
    own = {
        language: _HOLE.sub(lambda found: values[found[1]], text)
        for language, text in words.texts.items()
    }
    return in_languages(own[DEFAULT_LANGUAGE], own)
