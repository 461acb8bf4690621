"""Messages that programs may have sent by name, in our words and in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, time
from types import MappingProxyType
from typing import Final

from core.privacy import mask_name
from core.text import Text, Value, _

LONGEST: Final = 80
"""Letters of one value."""


class BadValues(ValueError):
    """The values do not fit the template; `names` are those that are missing, wrong or too many."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__("values do not fit the template")
        self.names = names


def _words(given: str) -> str:
    said = " ".join(given.split())
    if not 0 < len(said) <= LONGEST:
        raise ValueError("empty, or too long")
    return said


def _masked(given: str) -> str:
    return mask_name(_words(given))


_READERS: Final[Mapping[str, Callable[[str], Value]]] = MappingProxyType(
    {
        "name": _masked,
        "day": lambda given: date.fromisoformat(given.strip()),
        "time": lambda given: time.fromisoformat(given.strip()),
        "place": _words,
        "method": _words,
        "result": _words,
    }
)
"""How each value is read; a name is always masked, for a phone may lie on a table."""


@dataclass(frozen=True, slots=True)
class Template:
    """A sentence, and the names of the values that it needs."""

    words: Text
    needs: tuple[str, ...]

    def filled(self, values: Mapping[str, str]) -> Text:
        """The sentence with these values. Raises BadValues."""
        read: dict[str, Value] = {}
        wrong = values.keys() ^ set(self.needs)
        for name in self.needs:
            if name not in wrong:
                try:
                    read[name] = _READERS[name](values[name])
                except ValueError:
                    wrong.add(name)
        if wrong:
            raise BadValues(tuple(sorted(wrong & set(self.needs))))
        return self.words.with_(**read)


TEMPLATES: Final[Mapping[str, Template]] = MappingProxyType(
    {
        "result-ready": Template(
            _("A test result of {name} is ready. Reply KQ to read it."), ("name",)
        ),
        "result": Template(
            _("{name}, {method} sampled {day}: {result}."), ("name", "method", "day", "result")
        ),
        "declare": Template(
            _("{name}, please make a health declaration. Reply KB to begin."), ("name",)
        ),
        "dose-due": Template(
            _("{name} can have the next vaccine dose from {day}. Reply TIEM to see the doses."),
            ("name", "day"),
        ),
        "appointment": Template(
            _(
                "{name}: vaccination at {time} on {day}, {place}. Please bring an identity paper. "
                "Reply TIEM to see the doses."
            ),
            ("name", "time", "day", "place"),
        ),
        "paper-ready": Template(
            _(
                "The papers of {name} are ready from {day} at {place}. Please bring an identity paper."
            ),
            ("name", "day", "place"),
        ),
    }
)
"""By name. Dates are written 2026-11-30, times 08:30."""
