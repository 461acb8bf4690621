"""What a ward's health station is told about somebody in isolation.

The one message of ours that names somebody and their number in full: whoever reads it has to call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.message import Address, Screen
from core.notices.ports import Speaker
from core.outbox.outgoing import Lane, Outgoing, Purpose
from core.people.check_ins import CAUSES, Case, Cause
from core.people.stations import Stations
from core.text import DEFAULT_LANGUAGE, Text, _, plain

WORDS: Mapping[Cause, Text] = {
    "severe": _(
        "ISOLATION: {name}, {phone}, is severely ill or short of breath ({time}). Please call now."
    ),
    "worse": _("ISOLATION: {name}, {phone}, has new symptoms ({time}). Please call."),
    "silent": _("ISOLATION: {name}, {phone}, has not answered since {time}. Please call."),
}
NO_NUMBER = _("no number")
LONGEST_NAME = 56
"""Letters of a name; the longest Vietnamese names have room."""


@dataclass(frozen=True, slots=True)
class Alarms:
    """Writes to stations, for these causes."""

    stations: Stations
    texting: Speaker
    causes: frozenset[Cause] = frozenset(CAUSES)

    def letter(self, key: str, cause: Cause, case: Case, at: datetime) -> Outgoing | None:
        """The message to the station; None where no station is known. `at`: when it was so."""
        number = self.stations.of(case.province, case.ward)
        if number is None:
            return None
        screen = Screen(words(cause, case, at))
        page = self.texting.pages(screen, language=DEFAULT_LANGUAGE, accents=None)[0]
        return Outgoing(
            key=key,
            address=Address("phone", number),
            channel=self.texting.channel,
            page=page,
            purpose=Purpose.ALARM,
            lane=Lane.URGENT,
        )


def words(cause: Cause, case: Case, at: datetime) -> Text:
    """What the station reads."""
    phone = plain(case.phone) if case.phone else NO_NUMBER
    name = plain(case.name[:LONGEST_NAME].rstrip())
    return WORDS[cause].with_(name=name, phone=phone, time=at)
