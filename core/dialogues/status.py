"""My status: the card, the doses and the newest test, with the time of the look-up."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from core.dialogue import TEXTED, Answers, Call, Desk, Dialogue, Outcome, Tell
from core.dialogues.about import (
    WORST_FAMILY,
    ask_about_whom,
    check_right,
    chosen,
    name_of,
    short_of,
    told_after,
)
from core.errors import Down, Late
from core.platform.ports import Isolation, Known
from core.status import COLOURS, METHOD_WORDS, REASONS, RESULT_WORDS, card, rule_of
from core.text import Text, _, _n, lines


def look(desk: Desk, answers: Answers) -> Outcome:
    """Asks for doses and tests, and works out the card."""
    check_right(desk, answers, answers["who"])
    ports, who = desk.platforms, answers["who"]
    known_doses = ports.vaccinations.doses(who, deadline=desk.deadline)
    known_results = ports.tests.results(who, deadline=desk.deadline)
    doses, results = known_doses.value, known_results.value
    rule = rule_of(chosen(answers).get("province"), desk.now.date())
    made = card(rule, doses, results, desk.now)
    newest = results[0] if results else None
    isolated = _isolation(desk, who)
    return Outcome(
        {
            "isolated": _isolated(isolated.value if isolated else None),
            "since": made.since.isoformat() if made.since else None,
            "until": made.until.isoformat() if made.until else None,
            "colour": made.colour,
            "reason": made.reason,
            "doses": len(doses),
            "last": doses[-1].on.isoformat() if doses else None,
            "test": [newest.value, newest.method, newest.sampled.isoformat()] if newest else None,
            **age_of(known_doses, known_results, *((isolated,) if isolated else ())),
        }
    )


def _isolation(desk: Desk, citizen_id: str) -> Known[Isolation | None] | None:
    """Isolation under way; None when the platform cannot say, for the rest is worth saying alone."""
    try:
        return desk.platforms.tests.isolation(citizen_id, deadline=desk.deadline)
    except (Late, Down):
        return None


def _isolated(isolation: Isolation | None) -> list[Any] | None:
    if isolation is None:
        return None
    return [isolation.kind, isolation.until.isoformat() if isolation.until else None]


def isolation_line(answers: Answers) -> tuple[Text, ...]:
    """That somebody is in isolation, and until when; nothing otherwise."""
    if not answers.get("isolated"):
        return ()
    kind, until = answers["isolated"]
    words = _("In treatment") if kind == "treatment" else _("In isolation")
    if until is None:
        return (words,)
    return (_("{kind} until {day}", kind=words, day=date.fromisoformat(until)),)


def show(answers: Answers) -> Text:
    colour, reason = COLOURS[answers["colour"]], REASONS[answers["reason"]]
    parts = [
        name_of(answers),
        _("Card: {colour} ({reason})", colour=colour, reason=reason),
        *_until(answers),
        *isolation_line(answers),
        doses_line(answers),
    ]
    if answers["test"]:
        value, method, sampled = answers["test"]
        parts.append(
            _(
                "Newest test ({method}, sampled {time}): {result}",
                method=METHOD_WORDS[method],
                time=datetime.fromisoformat(sampled),
                result=RESULT_WORDS[value],
            )
        )
    return lines(*parts, as_of(answers))


def _until(answers: Answers) -> tuple[Text, ...]:
    """Since when the card has its colour, and until when."""
    parts = []
    if answers.get("since"):
        parts.append(_("This colour since {day}", day=date.fromisoformat(answers["since"])))
    if answers.get("until"):
        until = datetime.fromisoformat(answers["until"])
        parts.append(_("This colour holds until {time}", time=until))
    return tuple(parts)


def show_brief(answers: Answers) -> Text:
    parts = [
        _("{name}: {colour}", name=short_of(answers), colour=COLOURS[answers["colour"]]),
        as_of(answers),
        REASONS[answers["reason"]],
        *_until(answers),
        *isolation_line(answers),
        doses_line(answers),
    ]
    if answers["test"]:
        value, _method, sampled = answers["test"]
        parts.append(
            _(
                "Test {time}: {result}",
                time=datetime.fromisoformat(sampled),
                result=RESULT_WORDS[value],
            )
        )
    return lines(*parts)


def show_text(answers: Answers) -> Text:
    """As a single text: the brief words, and less about where they come from."""
    parts = [
        _("{name}: {colour}", name=short_of(answers), colour=COLOURS[answers["colour"]]),
        as_of_text(answers),
        REASONS[answers["reason"]],
        *isolation_line(answers),
        _("Doses: {n}", n=answers["doses"]) if answers["doses"] else doses_line(answers),
    ]
    if answers["test"]:
        value, _method, sampled = answers["test"]
        day = datetime.fromisoformat(sampled).date()
        parts.append(_("Test {time}: {result}", time=day, result=RESULT_WORDS[value]))
    return lines(*parts)


def doses_line(answers: Answers) -> Text:
    count = answers["doses"]
    if not count or not answers["last"]:
        return _("No vaccine dose on record")
    last = date.fromisoformat(answers["last"])
    return _n("{n} dose, last on {day}", "{n} doses, last on {day}", count, day=last)


def age_of(*known: Known[Any]) -> dict[str, Any]:
    """How old the oldest of these is, for the answers."""
    oldest = min(known, key=lambda one: one.as_of)
    return {"as_of": oldest.as_of.isoformat(), "fresh": all(one.fresh for one in known)}


PLATFORM = _("health platform")
REGISTRY = _("vaccination registry")
LABORATORIES = _("laboratories")


def as_of(answers: Answers, source: Text = PLATFORM) -> Text:
    """How old what we say is, and whose word it is; always said."""
    at = datetime.fromisoformat(answers["as_of"])
    if answers.get("fresh", True):
        return _("As of {time}, {source}", time=at, source=source)
    return _("As of {time}; {source} not answering now", time=at, source=source)


def as_of_text(answers: Answers) -> Text:
    """The same in a single text, where whose word it is need not be said."""
    at = datetime.fromisoformat(answers["as_of"])
    if answers.get("fresh", True):
        return _("As of {time}", time=at)
    return _("As of {time}, no newer answer", time=at)


SLOW = _("The health platform is slow just now. We will text you the answer.")
ON_ITS_WAY = Tell(say=_("Thank you. The text message is on its way."))

WORST: dict[str, Any] = {
    **WORST_FAMILY,
    "colour": "neutral",
    "reason": "no-rule",
    "doses": 7,
    "last": "2026-12-30",
    "test": ["pending", "antigen", "2026-12-30T23:59:00+07:00"],
    "as_of": "2026-12-30T23:59:00+07:00",
    "isolated": ["isolation", "2026-12-30"],
    "since": "2026-12-01",
    "until": "2026-12-30T23:59:00+07:00",
}

STATUS = Dialogue(
    name="status",
    title=_("My status"),
    words=("TT", "STATUS", "TINH TRANG", "TRANG THAI", "THE"),
    takes=told_after,
    open_words=("TT", "STATUS", "TINH TRANG", "TRANG THAI"),
    worst=(
        WORST,
        {**WORST, "colour": "red", "reason": "none"},
        {**WORST, "colour": "yellow", "reason": "first", "doses": 0, "last": None, "test": None},
    ),
    steps={
        **ask_about_whom("look"),
        "look": Call(of=look, late="slow", then="card"),
        "card": Tell(say=show, brief=show_brief, text=show_text, texted="look"),
        "slow": Tell(say=SLOW),
        TEXTED: ON_ITS_WAY,
    },
)
