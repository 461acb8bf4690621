"""Keeping the catalogues in step with the code: find its sentences, add them, point out gaps."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from string import Formatter
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

PACKAGES: Final = ("core", "bot", "ussd", "sms", "web", "gateway")
"""Where sentences for people are written; the sandbox and the tests have none."""

ENGLISH: Final = "en"
"""The language of the code: an empty translation there says the same as the sentence itself."""

_METHODS: Final = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
_KEYWORDS: Final = {"_": None, "_n": (1, 2)}
_NOTE: Final = "Translators:"
_WIDTH = 100


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the code, with its plural and the notes written above it for translators."""

    one: str
    many: str = ""
    notes: tuple[str, ...] = ()

    @property
    def id(self) -> str | tuple[str, str]:
        return (self.one, self.many) if self.many else self.one


def sentences_in(root: Path) -> tuple[Sentence, ...]:
    """Every sentence in the packages under `root`, once each, in the order of files and lines."""
    found: dict[str, Sentence] = {}
    for package in PACKAGES:
        folder = root / package
        if not folder.is_dir():
            continue
        extracted = extract_from_dir(
            folder, _METHODS, keywords=_KEYWORDS, comment_tags=(_NOTE,), strip_comment_tags=True
        )
        for _file, _line, msgid, notes, _context in sorted(extracted, key=lambda one: one[:2]):
            one, many = (msgid, "") if isinstance(msgid, str) else (msgid[0], msgid[1])
            if one and (one not in found or (many and not found[one].many)):
                found[one] = Sentence(one, many, tuple(notes))
    return tuple(found.values())


def updated(written: str, language: str, sentences: Iterable[Sentence]) -> str:
    """A .po file with the code's sentences in it, and its own header, order and comments.

    New sentences are added at the end. Those that have left the code become obsolete (`#~`) and
    keep their translation, should they come back.
    """
    header, _, _ = written.partition("\n\n")
    old = _read(written, language)
    wanted = {sentence.one: sentence for sentence in sentences}
    new = Catalog(locale=language, header_comment="", fuzzy=False)
    kept = [_msgid(message) for message in old if message.id]
    for one in [*(one for one in kept if one in wanted), *wanted]:
        known = old.get(one) or _obsolete(old, one)
        sentence = wanted[one]
        if one in new:
            continue
        new.add(
            sentence.id,
            _string_for(sentence, known, new.num_plurals),
            auto_comments=sentence.notes,
            user_comments=known.user_comments if known else (),
            flags=known.flags if known else (),
        )
    gone = [message for message in old if message.id and _msgid(message) not in wanted]
    for message in (*old.obsolete.values(), *gone):
        if _msgid(message) not in wanted and any(_forms(message)):
            new.obsolete[_msgid(message)] = message
    return f"{header}\n{_body(new)}"


def problems(written: str, language: str, sentences: Iterable[Sentence]) -> tuple[str, ...]:
    """What a translator still has to do in this catalogue, one line a sentence."""
    catalogue = _read(written, language)
    wanted = {sentence.one: sentence for sentence in sentences}
    left_over = (
        f"{language}: no longer in the code: {_msgid(message)!r}"
        for message in catalogue
        if message.id and _msgid(message) not in wanted
    )
    return (*_problems(catalogue, language, wanted.values()), *left_over)


def placeholders(template: str) -> frozenset[str]:
    """The names between braces in a sentence; raises ValueError when braces do not match."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name is not None)


def _problems(catalogue: Catalog, language: str, wanted: Iterable[Sentence]) -> Iterator[str]:
    for sentence in wanted:
        message = catalogue.get(sentence.one)
        if message is None:
            yield f"{language}: missing: {sentence.one!r}"
            continue
        if message.fuzzy:
            yield f"{language}: fuzzy: {sentence.one!r}"
        if isinstance(message.id, str) == bool(sentence.many):
            yield f"{language}: plural differs from the code: {sentence.one!r}"
        forms = _forms(message)
        if not all(forms) and (language != ENGLISH or any(forms)):
            yield f"{language}: not translated: {sentence.one!r}"
        elif all(forms) and not _agree(sentence, forms):
            yield f"{language}: placeholders differ: {sentence.one!r}"


def _agree(sentence: Sentence, forms: tuple[str, ...]) -> bool:
    """Whether a translation asks for the same values; "one dose" may leave out its number."""
    try:
        said = [placeholders(form) for form in forms]
    except ValueError:
        return False
    asked = placeholders(sentence.many or sentence.one)
    return said[-1] == asked and all(form <= asked for form in said)


def _string_for(sentence: Sentence, known: Message | None, plurals: int) -> str | tuple[str, ...]:
    """The translation we had, when it still has as many forms as the sentence wants."""
    size = plurals if sentence.many else 1
    forms = _forms(known) if known else ()
    fitting = forms if len(forms) == size else (forms[:1] * size if forms else ("",) * size)
    return fitting if sentence.many else fitting[0]


def _obsolete(catalogue: Catalog, one: str) -> Message | None:
    return next((gone for gone in catalogue.obsolete.values() if _msgid(gone) == one), None)


def _read(written: str, language: str) -> Catalog:
    return read_po(io.BytesIO(written.encode()), locale=language, abort_invalid=True)


def _msgid(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _body(catalogue: Catalog) -> str:
    """The entries alone, without the dates and names that Babel writes above them."""
    file = io.BytesIO()
    write_po(file, catalogue, width=_WIDTH, no_location=True, omit_header=True)
    text = file.getvalue().decode().strip()
    return f"\n{text}\n" if text else ""
