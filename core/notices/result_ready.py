"""A test result is ready, or one that people were told of was corrected or withdrawn.

By default the text does not hold the result: a phone lies on a table. What it says is to become a
setting of the programme.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from core.errors import Down
from core.notices.notice import STALE, Desk, Finding, Notice, Say
from core.notices.ports import Event
from core.outbox.outgoing import Purpose
from core.platform.ports import TestResult
from core.text import _

READY = _("A test result of {name} is ready. Reply KQ to read it.")
CORRECTED = _(
    "The test result of {name} that we told you about has been corrected. "
    "Reply KQ to read what holds now."
)
USEFUL = timedelta(days=7)


def look(event: Event, desk: Desk) -> Finding:
    """The result as it stands now, whichever version the event was about."""
    if event.citizen_id is None:
        return None
    known = desk.platforms.tests.results(event.citizen_id, deadline=desk.deadline)
    if not known.fresh:
        raise Down("fhir", "remembered results are no news")
    result = next((one for one in known.value if one.id == event.id), None)
    if result is not None and (result.status == "preliminary" or result.value == "pending"):
        return None
    return Say(
        citizen_id=event.citizen_id,
        said=_what(result),
        first=READY if result is not None and _is_news(result, desk.now) else None,
        again=CORRECTED,
        purpose=Purpose.RESULT,
        useless_after=desk.now + USEFUL,
    )


def _what(result: TestResult | None) -> str:
    if result is None:
        return "withdrawn"
    return f"{result.status} {result.method} {result.value} {result.sampled.isoformat()}"


def _is_news(result: TestResult, now: datetime) -> bool:
    return (result.issued or result.sampled) > now - STALE


RESULT_READY = Notice("result", look, worst=(READY, CORRECTED))
