"""The chats that belong to a person, for the person to see and to remove."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.message import Address, Network


@dataclass(frozen=True, slots=True)
class Chat:
    """One chat account. `id` finds it again and tells nothing; `here`: it is the one in use."""

    id: str
    network: Network
    since: datetime
    here: bool


class Chats(Protocol):
    """Where it is kept which chats are whose."""

    def of(self, person_id: str, here: Address) -> tuple[Chat, ...]:
        """All chats of this person, the oldest first."""

    def remove(self, person_id: str, chat_id: str) -> None:
        """This chat is nobody's any longer: it must prove a number anew. Doing it again is fine."""

    def remove_others(self, person_id: str, here: Address) -> None:
        """Removes all chats of this person but the one in use."""

    def forget(self, address: Address) -> None:
        """Deletes what we know of whoever is behind this chat, as far as it may be deleted.

        The chat, what was said in it and written to it, and who the person is to the platform go.
        What stays is that consents were given and are withdrawn, for a person whose phone we know.
        """
