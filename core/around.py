"""What every turn needs from the house: dialogues, ports, and where work is left for later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Protocol

from core.confirming import Confirm, for_this_process
from core.dialogue import Codes, Dialogue, Forms
from core.people.accounts import People
from core.people.chats import Chats
from core.people.check_ins import CheckIns, NobodyAsked
from core.people.proofs import Proofs
from core.people.talks import NobodyAnswers, Talks
from core.platform.ports import Platforms
from core.scans import NoScans, Scans
from core.showing import FixedScreens

REMINDER = "reminder"
"""Stands where a platform would: a worker is to look whether something is still unfinished."""


class Later(Protocol):
    """Keeps a call that outlasted its patience, to be finished by a worker."""

    def keep(self, key: str, call: Mapping[str, Any], *, after: timedelta = timedelta()) -> None:
        """Stores the call under its idempotency key, to be finished `after` so long at the earliest.

        The same key again changes nothing.
        """

    def waits(self, person: str) -> str | None:
        """The platform for which something this person said is still kept, if there is any."""


@dataclass(frozen=True, slots=True)
class Around:
    """What every turn needs from the house; made once, in `gateway/conversation.py`."""

    dialogues: Mapping[str, Dialogue]
    words: Mapping[str, str]
    """Folded keyword → dialogue."""
    platforms: Platforms
    people: People
    codes: Codes
    proofs: Proofs
    chats: Chats
    forms: Forms
    later: Later
    check_ins: CheckIns = field(default_factory=NobodyAsked)
    service_code: str = "*1022#"
    remind_after: timedelta = timedelta(minutes=10)
    """For so long after a declaration was begun on USSD nobody is reminded that it is not sent."""
    scans: Scans = field(default_factory=NoScans)
    talks: Talks = field(default_factory=NobodyAnswers)
    confirm: Confirm = field(default_factory=for_this_process)
    """The codes by which what is said by SMS is confirmed; all processes must share them."""
    fixed: FixedScreens = field(default_factory=FixedScreens)
