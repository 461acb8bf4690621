"""Is my ward green? The risk level of a province or ward, by its name as people type it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Literal

from core.areas import find, nearest
from core.dialogue import Answers, Ask, Call, Choose, Desk, Dialogue, Outcome, Tell
from core.dialogues.status import age_of, as_of
from core.errors import Unclear
from core.text import Text, _, lines, plain

MOST_TYPED = 60

LEVELS: Mapping[int, Text] = {
    1: _("GREEN, low risk"),
    2: _("YELLOW, medium risk"),
    3: _("ORANGE, high risk"),
    4: _("RED, very high risk"),
}


def hear_name(said: str, today: date) -> str:
    name = " ".join(said.split())
    if not 1 <= len(name) <= MOST_TYPED or not any(letter.isalnum() for letter in name):
        raise Unclear(_("Please type the name of a ward, commune or province."))
    return name


def look_for(desk: Desk, answers: Answers) -> Outcome:
    areas = desk.platforms.risks.areas(deadline=desk.deadline)
    places = find(answers["name"], areas)
    return Outcome({"places": {place.area.id: place.name for place in places}})


def after_look(answers: Answers) -> Literal["place", "unknown"]:
    return "place" if answers["places"] else "unknown"


def places(answers: Answers) -> Mapping[str, Text]:
    return {key: plain(name) for key, name in answers["places"].items()}


def look_near(desk: Desk, answers: Answers) -> Outcome:
    """The ward around a place that was sent. The place itself is kept no longer than that."""
    north, east = answers["at"]
    place = nearest((north, east), desk.platforms.risks.areas(deadline=desk.deadline))
    if place is None:
        return Outcome({"at": None})
    return Outcome({"at": None, "places": {place.area.id: place.name}, "place": place.area.id})


def after_near(answers: Answers) -> Literal["weigh", "nowhere"]:
    return "weigh" if "place" in answers else "nowhere"


def weigh(desk: Desk, answers: Answers) -> Outcome:
    known = desk.platforms.risks.risk(answers["place"], deadline=desk.deadline)
    risk = known.value
    level = [risk.level, risk.since.isoformat()] if risk else None
    return Outcome({"level": level, **age_of(known)})


def after_weigh(answers: Answers) -> Literal["level", "no-level"]:
    return "level" if answers["level"] else "no-level"


def show(answers: Answers) -> Text:
    return _how_found(answers, level_of(answers))


def level_of(answers: Answers) -> Text:
    level, since = answers["level"]
    return _(
        "{place}: {level}, since {day}.\n{age}",
        place=plain(answers["places"][answers["place"]]),
        level=LEVELS[level],
        day=date.fromisoformat(since),
        age=as_of(answers),
    )


def no_level(answers: Answers) -> Text:
    said = _(
        "{place}: no risk level has been set.", place=plain(answers["places"][answers["place"]])
    )
    return _how_found(answers, said)


def _how_found(answers: Answers, said: Text) -> Text:
    """By a place that was sent it may be a neighbouring ward: only middles are known."""
    return lines(_("The ward nearest to that place:"), said) if "at" in answers else said


def unknown(answers: Answers) -> Text:
    return _('"{name}" was not found. Type it again, for example: Nha Trang, Khanh Hoa.',
             name=plain(answers["name"]))  # fmt: skip


LONGEST_PLACE = "Phường Bà Rịa Vũng Tàu Long Điền Đông, Thành phố Hồ Chí Minh"

WORST: dict[str, Any] = {
    "name": "Thị trấn Long Điền Đông Bình Thạnh Quảng Hòa Nam Phước Sơn",
    "places": {f"a{number}": LONGEST_PLACE for number in range(6)},
    "place": "a0",
    "level": [4, "2026-12-30"],
    "as_of": "2026-12-30T23:59:00+07:00",
    "fresh": False,
}


AREA = Dialogue(
    name="area",
    title=_("Risk of my area"),
    linked=False,
    words=("VUNG", "VUNG DICH", "AREA", "NGUY CO"),
    worst=(WORST, {**WORST, "at": None}),
    steps={
        "name": Ask(
            ask=_("Which ward, commune or province? For example: Nha Trang, Khanh Hoa"),
            read=hear_name,
        ),
        "find": Call(of=look_for, late="slow", then=after_look, later=False),
        "place": Choose(ask=_("Which one?"), choices=places, alone=True, then="weigh"),
        "weigh": Call(of=weigh, late="slow", then=after_weigh, later=False),
        "near": Call(of=look_near, late="slow", then=after_near, later=False),
        "nowhere": Tell(say=_("I know no ward near that place. Please type the name: write VUNG.")),
        "level": Tell(say=show, text=level_of),
        "no-level": Tell(say=no_level),
        "unknown": Tell(say=unknown),
        "slow": Tell(
            say=_("The health platform is slow just now. Please try again in a few minutes.")
        ),
    },
)
