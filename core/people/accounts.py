"""The people we know: how to reach them, what they read, and who they are to the platform."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from core.message import Address
from core.people.consent import Consent
from core.people.wishes import Topic

LOCK = timedelta(minutes=15)
"""How long somebody waits after too many wrong tries."""

LIMIT = 3
"""How many wrong tries lock."""


@dataclass(frozen=True, slots=True)
class Linked:
    """The citizen that a person has proved to be, as the health platform knows them."""

    citizen_id: str
    qid: str | None = field(repr=False)
    name: str = field(repr=False)
    birth_year: int | None = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """The same as plain JSON; `from_json` reads it back."""
        return {
            "id": self.citizen_id,
            "qid": self.qid,
            "name": self.name,
            "birth_year": self.birth_year,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Linked:
        """Reads what `to_json` wrote."""
        return cls(stored["id"], stored.get("qid"), stored["name"], stored.get("birth_year"))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has written or dialled. `phone` is proven (E.164); `linked` once they linked.

    `accents` is their wish for Vietnamese letters on a telephone; None means the channel decides.
    """

    id: str
    language: str
    accents: bool | None = None
    phone: str | None = field(default=None, repr=False)
    linked: Linked | None = None

    def to_json(self) -> dict[str, Any]:
        """The person as plain JSON, for the session; `from_json` reads it back."""
        return {
            "id": self.id,
            "language": self.language,
            "accents": self.accents,
            "phone": self.phone,
            "linked": self.linked.to_json() if self.linked else None,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Person:
        """Reads what `to_json` wrote."""
        linked = stored.get("linked")
        return cls(
            id=stored["id"],
            language=stored["language"],
            accents=stored.get("accents"),
            phone=stored.get("phone"),
            linked=Linked.from_json(linked) if linked else None,
        )


@dataclass(frozen=True, slots=True)
class Tries:
    """How often somebody got it wrong; while `locked_until` lies ahead they may not try again."""

    count: int = 0
    locked_until: datetime | None = None

    def locked(self, now: datetime) -> bool:
        """May they not try at this moment?"""
        return self.locked_until is not None and now < self.locked_until


class People(Protocol):
    """Where people are kept."""

    def find(self, address: Address) -> Person:
        """Whoever is behind this address; somebody new is written down, in Vietnamese.

        Where the address stands for a phone (`Address.phone`) it needs no further proof. On a
        chat, hearing from an address that had blocked us lifts the block.
        """

    def prove(self, address: Address, phone: str) -> Person:
        """The chat `address` was proven to belong to `phone` (E.164): now it is that person's.

        Somebody whom we meet by this phone for the first time keeps the language and the accents
        chosen in the chat.
        """

    def link(self, person_id: str, linked: Linked, consent: Consent) -> None:
        """The person proved to be this citizen, and agreed to it in these words."""

    def known_better(self, person_id: str, linked: Linked) -> None:
        """The citizen that the person is linked to has a QID by now, or another name."""

    def agree(self, person_id: str, consent: Consent) -> None:
        """The person agreed to something, in these words."""

    def unlink(self, person_id: str) -> None:
        """Forgets who the person is to the platform; every consent they gave is withdrawn."""

    def speak(self, person_id: str, language: str, accents: bool | None) -> None:
        """The person chose a language, and how Vietnamese is to be written on a telephone."""

    def wish(self, person_id: str, *, discreet: bool) -> None:
        """The person wants texts to say only that a result is ready, or has no such wish."""

    def tries(self, kind: str, subject: str) -> Tries:
        """How many wrong tries stand against `subject` (a phone, a paper number, a person's id)."""

    def wrong(self, kind: str, subject: str, limit: int = LIMIT, lock: timedelta = LOCK) -> Tries:
        """One more wrong try; the `limit`-th locks for `lock`, and then counting starts again."""

    def right(self, kind: str, subject: str) -> None:
        """They got it right: nothing stands against `subject` any longer."""

    def block(self, address: Address) -> None:
        """The address wants nothing more from us (opted out, blocked the bot)."""

    def refuse(self, person_id: str, topic: Topic = Topic.ALL, source: str = "") -> None:
        """STOP: no more messages of this topic on our own account; what they ask for is answered.

        `source` names the channel on which they said so.
        """

    def welcome(self, person_id: str, topic: Topic = Topic.ALL, source: str = "") -> None:
        """START: messages of this topic on our own account are welcome again."""
