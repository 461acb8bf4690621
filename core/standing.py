"""How a citizen stands at this moment: the card that an officer is shown, and how old it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.clock import VIETNAM, Clock, Deadline
from core.errors import Absent
from core.platform.ports import Citizen, Platforms
from core.status import Card, card, rule_of


@dataclass(frozen=True, slots=True)
class Standing:
    """The card of one citizen, from records asked for at `as_of`."""

    citizen: Citizen
    card: Card
    doses: int
    as_of: datetime


@dataclass(frozen=True, slots=True)
class Standings:
    """Asks the platforms how somebody stands. Raises what the ports raise."""

    platforms: Platforms
    clock: Clock

    def of_qid(self, qid: str, *, deadline: Deadline) -> Standing:
        """By QID; raises Absent when the health platform knows nobody by it."""
        found = self.platforms.citizens.by_qid(qid, deadline=deadline)
        if len(found) != 1:
            raise Absent("fhir", "nobody, or several people, have this QID")
        return self.of_citizen(found[0], deadline=deadline)

    def of_citizen(self, citizen: Citizen, *, deadline: Deadline) -> Standing:
        doses = self.platforms.vaccinations.doses(citizen.id, deadline=deadline)
        results = self.platforms.tests.results(citizen.id, deadline=deadline)
        now = self.clock()
        rule = rule_of(citizen.province, now.astimezone(VIETNAM).date())
        made = card(rule, doses.value, results.value, now)
        at = min(doses.as_of, results.as_of)
        return Standing(citizen, made, len(doses.value), at)
