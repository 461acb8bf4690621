"""Whose session a turn works on: a chat that has proven its number shares the session of that phone."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.message import Address, Inbound
from core.people.accounts import People, Person
from core.people.chats import Chats
from core.position import LINK
from core.session import Held, Session, Sessions


@dataclass(frozen=True, slots=True)
class Holding:
    """Holds, keeps and moves sessions. Raises Busy where another turn of the person is not over."""

    sessions: Sessions
    people: People
    chats: Chats

    def hold(self, address: Address) -> Held:
        """The session in hand; a chat whose number we know shares the session of that phone."""
        held = self.sessions.hold(address)
        if held.session is not None or address.network == "phone":
            return held
        phone = self.people.find(address).phone
        if phone is None:
            return held
        self.sessions.let_go(held)
        self.sessions.same_person(address, phone)
        return self.sessions.hold(address)

    def prove(self, inbound: Inbound) -> str | None:
        """A network vouches for a chat's number: from now on it shares that phone's session.

        Gives the dialogue that the person was on the way to.
        """
        assert inbound.proved is not None
        held = self.sessions.hold(inbound.address)
        self.sessions.let_go(held)
        self.people.prove(inbound.address, inbound.proved)
        self.sessions.same_person(inbound.address, inbound.proved)
        before = held.session
        if before is None or before.wanted is not None:
            return before.wanted if before else None
        return LINK if before.talk is not None and before.talk.dialogue == LINK else None

    def keep(self, held: Held, session: Session, before: Person, inbound: Inbound) -> None:
        """Saves the session after a turn that began with the person `before`."""
        if inbound.proved is None and session.person.phone != before.phone:
            self._move(held, session, before, inbound.address)
        else:
            self.sessions.keep(held, session)

    def _move(self, held: Held, session: Session, before: Person, address: Address) -> None:
        """A chat has proven a number by what it just said: it goes on in that phone's session.

        What it leaves behind, be it its own session or that of an earlier number, is empty.
        """
        phone = session.person.phone
        assert phone is not None
        theirs = self.sessions.hold(Address("phone", phone))
        try:
            if theirs.session is not None:
                session.turns = max(session.turns, theirs.session.turns)
                session.wires = {**theirs.session.wires, **session.wires}
                # What they left on the telephone can be gone on with here, by its word.
                session.parked = session.parked or theirs.session.talk or theirs.session.parked
            self.sessions.keep(theirs, session)
        except BaseException:
            self.sessions.let_go(theirs)
            raise
        self.sessions.same_person(address, phone)
        left = before if before.phone is not None else session.person
        self.sessions.keep(held, Session(person=left, turns=session.turns))

    def forget(self, address: Address) -> None:
        """Whoever is behind the address wants to be forgotten."""
        held = self.sessions.hold(address)
        try:
            self.chats.forget(address)
            if held.session is None:
                self.sessions.let_go(held)
            else:
                unlinked = replace(held.session.person, linked=None)
                self.sessions.keep(held, Session(person=unlinked, turns=held.session.turns))
        except BaseException:
            self.sessions.let_go(held)
            raise
        self.sessions.apart(address)
