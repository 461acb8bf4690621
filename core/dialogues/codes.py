"""What is said about the codes that confirm things by SMS, where there is nothing else to say."""

from __future__ import annotations

from core.confirming import NOTHING_WAITS
from core.dialogue import Dialogue, Tell
from core.text import _

NO_CODE = Dialogue(
    name="no-code",
    title=_("Confirming"),
    linked=False,
    steps={
        "none": Tell(
            say=NOTHING_WAITS,
            end=True,
        )
    },
)

MANY_CODES = Dialogue(
    name="many-codes",
    title=_("Confirming"),
    linked=False,
    steps={
        "over": Tell(
            say=_("Too many wrong codes, so nothing was sent. Please start again, or dial us."),
            end=True,
        )
    },
)
