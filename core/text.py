"""Text and `_`: a sentence waiting for a language and for its values."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cache
from typing import TypeAlias, Union

from core.clock import VIETNAM
from core.locale import CATALOGUES, Catalogue

Language: TypeAlias = str
"""The name of a catalogue: `vi`, `en`, or any other .po file in core/locale."""

DEFAULT_LANGUAGE: Language = "vi"
"""What a person hears who has not chosen, or who chose a language that we no longer have."""

LANGUAGES: tuple[Language, ...] = (
    DEFAULT_LANGUAGE,
    *(name for name in CATALOGUES if name != DEFAULT_LANGUAGE),
)

Value: TypeAlias = Union[str, int, date, time, "Text", tuple["Text", ...]]
"""What may stand for a {placeholder}. A `datetime` is a `date`; a tuple is a list of things."""


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence waiting for a language and for its values.

    Made by `_`, `_n`, `plain`, `in_languages` and `lines`, never by hand. Two texts are equal
    when they would say the same in every language.
    """

    template: str
    plural: str = ""
    values: tuple[tuple[str, Value], ...] = ()
    own: tuple[tuple[Language, str], ...] = ()
    parts: tuple[Text, ...] = ()
    literal: bool = False

    def with_(self, /, **values: Value) -> Text:
        """The same sentence with these values added; a value of the same name is replaced.

        Of several sentences, each gets them.
        """
        if self.parts:
            return replace(self, parts=tuple(part.with_(**values) for part in self.parts))
        return replace(self, values=tuple(sorted({**dict(self.values), **values}.items())))

    def to(self, language: Language) -> str:
        """Say it in this language, in Unicode's composed form (NFC).

        A language without a catalogue is answered in Vietnamese, a sentence missing from a
        catalogue in English. Raises KeyError when a placeholder has no value: that is a mistake
        in the code which asks, and no person should read a sentence with a hole in it.
        """
        if self.parts:
            return self.template.join(part.to(language) for part in self.parts)
        if self.literal:
            return dict(self.own).get(language, self.template) if self.own else self.template
        if not self.values and not self.plural:
            return _fixed(self.template, language)
        spoken = {name: _spoken(value, language) for name, value in self.values}
        return _nfc(self._sentence(language).format_map(spoken))

    def _sentence(self, language: Language) -> str:
        catalogue = _catalogue(language)
        if not self.plural:
            return catalogue.sentence(self.template)
        number = dict(self.values)["n"]
        if not isinstance(number, int):
            raise TypeError(f"the n of {self.template!r} must be a whole number")
        return catalogue.counted(self.template, self.plural, number)


def _catalogue(language: Language) -> Catalogue:
    return CATALOGUES.get(language) or CATALOGUES[DEFAULT_LANGUAGE]


@cache
def _fixed(msgid: str, language: Language) -> str:
    """A sentence of the code without values; there are only so many of them."""
    return _nfc(_catalogue(language).sentence(msgid).format_map({}))


def _(msgid: str, /, **values: Value) -> Text:
    """The English sentence `msgid`, to be said in the person's language with these values."""
    return Text(_nfc(msgid)).with_(**values)


def _n(one: str, many: str, n: int, /, **values: Value) -> Text:
    """A sentence which depends on a number: `_n("{n} dose", "{n} doses", 2)`."""
    return Text(_nfc(one), plural=_nfc(many)).with_(n=n, **values)


def plain(said: str) -> Text:
    """A proper name, a number, a code: said as it stands in every language, braces and all."""
    return Text(_nfc(said), literal=True)


def in_languages(original: str, translations: Mapping[Language, str]) -> Text:
    """Words that come with their own translations, such as a question of the ministry's form.

    A language that is not among `translations` hears the original. Like `plain`, it takes no
    values.
    """
    own = tuple(sorted((language, _nfc(said)) for language, said in translations.items()))
    return Text(_nfc(original), own=own, literal=True)


def lines(*texts: Text) -> Text:
    """Several texts, each on a line of its own."""
    return joined("\n", *texts)


def joined(between: str, /, *texts: Text) -> Text:
    """Several texts with `between` put between each two of them."""
    return Text(between, parts=texts) if texts else plain("")


def _spoken(value: Value, language: Language) -> str | int:
    """A value as it is read aloud; both languages write dates in the Vietnamese order."""
    match value:
        case Text():
            return value.to(language)
        case tuple():
            return ", ".join(text.to(language) for text in value)
        case datetime():
            there = value if value.tzinfo is None else value.astimezone(VIETNAM)
            return there.strftime("%H:%M %d/%m")
        case date():
            return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"
        case time():
            return f"{value.hour:02d}:{value.minute:02d}"
        case str():
            return _nfc(value)
        case _:
            return value


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)
