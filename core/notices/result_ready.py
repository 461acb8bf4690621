"""A test result is ready, or one that people were told of was corrected or withdrawn.

Whether the text holds the result is the programme's decision (`Policy.result`): a phone may lie on
a table, and it may also be the only way to know in time.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from core.errors import Down
from core.notices import validity
from core.notices.notice import STALE, Desk, Finding, Notice, Say
from core.notices.ports import Event
from core.outbox.outgoing import Purpose
from core.platform.ports import TestResult
from core.status import METHOD_WORDS, RESULT_WORDS
from core.text import Text, _, lines, plain

READY = _("A test result of {name} is ready. Reply KQ to read it.")
CORRECTED = _(
    "The test result of {name} that we told you about has been corrected. "
    "Reply KQ to read what holds now."
)
RESULT = _("{name}, {method} sampled {time}: {result}.")
RESULT_CORRECTED = _("Corrected. {name}, {method} sampled {time}: {result}.")
WITHDRAWN = _("The test result of {name} that we told you about was a mistake and is withdrawn.")
CHANGED = _(
    "A test result that we told you about was corrected or withdrawn and no longer holds. "
    "Reply KQ to read what holds now."
)
"""For whoever has lost the right to the record: who it is about now may be somebody else."""
STAY = _("Stay at home, wear a mask, call your ward health station.")
STAY_AND_CALL = _("Stay at home, wear a mask, call {hotline}.")
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
    first, again = _words(result, desk)
    is_news = result is not None and _is_news(result, desk.now)
    of_ours = result is not None or desk.told
    return Say(
        citizen_id=event.citizen_id,
        said=_what(result),
        first=first if is_news else None,
        again=again,
        discreet=(READY if is_news else None, CORRECTED),
        lapsed=CHANGED,
        purpose=Purpose.RESULT,
        useless_after=desk.now + USEFUL,
        then=validity.follows(result, event, event.citizen_id) if of_ours else None,
    )


def _words(result: TestResult | None, desk: Desk) -> tuple[Text, Text]:
    """For whoever hears of it for the first time, and for whoever was told something else."""
    if desk.policy.result == "ready":
        return READY, CORRECTED
    if result is None:
        return WITHDRAWN, WITHDRAWN
    about: dict[str, Text | datetime] = {
        "method": METHOD_WORDS[result.method],
        "time": result.sampled,
        "result": RESULT_WORDS[result.value],
    }
    advice = _advice(result, desk)
    return lines(RESULT.with_(**about), *advice), lines(RESULT_CORRECTED.with_(**about), *advice)


def _advice(result: TestResult, desk: Desk) -> tuple[Text, ...]:
    if result.value != "detected":
        return ()
    citizen = desk.citizen
    hotline = desk.policy.hotlines.of(citizen.province, citizen.ward) if citizen else None
    return (STAY,) if hotline is None else (STAY_AND_CALL.with_(hotline=plain(hotline)),)


def _what(result: TestResult | None) -> str:
    if result is None:
        return "withdrawn"
    return f"{result.status} {result.method} {result.value} {result.sampled.isoformat()}"


def _is_news(result: TestResult, now: datetime) -> bool:
    return (result.issued or result.sampled) > now - STALE


_WORST: dict[str, Text | datetime] = {
    "method": METHOD_WORDS["antigen"],
    "time": datetime.fromisoformat("2026-12-30T23:59:00+07:00"),
    "result": RESULT_WORDS["detected"],
}

RESULT_READY = Notice(
    "result",
    look,
    worst=(
        READY,
        CORRECTED,
        WITHDRAWN,
        CHANGED,
        lines(RESULT.with_(**_WORST), STAY),
        lines(RESULT_CORRECTED.with_(**_WORST), STAY),
    ),
    corrects=True,
)
