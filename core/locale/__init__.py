"""The catalogues: what each sentence of the code is in each language, one .po file a language."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from gettext import c2py
from pathlib import Path
from types import MappingProxyType

from babel.messages.pofile import read_po

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What the sentences of the code are in one language.

    `forms` maps an English sentence to its translations: one, or one per plural form of the
    language. `form_for` tells which of them a number wants.
    """

    language: str
    forms: Mapping[str, tuple[str, ...]]
    form_for: Callable[[int], int]

    def sentence(self, msgid: str) -> str:
        """The sentence in this language; the English one where nobody has translated it yet."""
        return self.forms.get(msgid, (msgid,))[0]

    def counted(self, one: str, many: str, number: int) -> str:
        """The form of the sentence that goes with this number."""
        forms = self.forms.get(one)
        if forms is None:
            return one if number == 1 else many
        return forms[self.form_for(abs(number))]


def read_catalogue(path: Path) -> Catalogue:
    """Read one .po file; fuzzy and empty translations count as not there."""
    with path.open("rb") as file:
        entries = read_po(file, locale=path.stem, abort_invalid=True)
    forms: dict[str, tuple[str, ...]] = {}
    for entry in entries:
        written = (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())
        if not entry.id or entry.fuzzy or not written or not all(written):
            continue
        msgid = entry.id if isinstance(entry.id, str) else entry.id[0]
        forms[_nfc(msgid)] = tuple(_nfc(form) for form in written)
    return Catalogue(path.stem, MappingProxyType(forms), c2py(entries.plural_expr))


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


CATALOGUES: Mapping[str, Catalogue] = MappingProxyType(
    {path.stem: read_catalogue(path) for path in sorted(FOLDER.glob("*.po"))}
)
