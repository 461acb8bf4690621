"""The pages for whoever plays with the sandbox in a browser: plain forms, no script needed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sandbox.areas.area import LEVELS
from sandbox.areas.risk_map import AREAS
from sandbox.fhir.general_form import EDITIONS
from sandbox.happenings import happen
from sandbox.mood_words import MOOD_WORDS
from sandbox.moods import LONGEST_MOOD, MOODS, PLATFORMS
from sandbox.people.person import VIETNAM, Person
from sandbox.people.provinces import PROVINCES
from sandbox.people.verdict import expects
from sandbox.refusal import CannotHappen
from sandbox.state import Sandbox
from sandbox.tickets import CLOSED, TICKET_STATES, case_of, tickets

ON_A_PAGE = 12
RECEIVED_ON_A_PAGE = 20
KINDS = ("declaration", "ticket", "registration")

PAGES = (
    ("people", "People"), ("moods", "Moods"), ("forms", "Forms"), ("areas", "Risk map"),
    ("received", "Received"),
)  # fmt: skip
"""Endpoint → its name in the bar at the top."""


@dataclass(frozen=True, slots=True)
class Note:
    """What became of a form that was sent."""

    id: int
    text: str
    good: bool


class PageRoutes:
    """Answers for one sandbox. Every form is answered by a redirect to the page it came from."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox, self._world = sandbox, sandbox.world
        self._notes: deque[Note] = deque(maxlen=50)
        self._numbers = count(1)

    def blueprint(self) -> Blueprint:
        """All pages, to be mounted at the root."""
        pages = Blueprint("page", __name__)
        rows: tuple[tuple[str, Callable[..., str | Response], str, str], ...] = (
            ("/", self.people, "people", "GET"),
            ("/page/person/<qid>", self.person, "person", "GET"),
            ("/page/person/<qid>", self.happen, "happen", "POST"),
            ("/page/moods", self.moods, "moods", "GET"),
            ("/page/moods", self.put_mood, "put_mood", "POST"),
            ("/page/forms", self.forms, "forms", "GET"),
            ("/page/forms", self.publish, "publish", "POST"),
            ("/page/areas", self.areas, "areas", "GET"),
            ("/page/areas", self.change_risk, "change_risk", "POST"),
            ("/page/received", self.received, "received", "GET"),
        )
        for path, view, endpoint, method in rows:
            pages.add_url_rule(path, endpoint, view, methods=[method])
        return pages

    def people(self) -> str:
        """A dozen people to play; all, those of one story, or those behind one telephone."""
        story, phone = request.args.get("story", ""), request.args.get("phone", "").strip()
        everybody = self._world.everybody()
        found = self._world.by_phone(_e164(phone)) if phone else everybody
        found = [person for person in found if story in ("", person.story)]
        offset, now = _offset(), self._sandbox.clock()
        rows = [
            (person, expects(person, now), self._world.carer(person))
            for person in found[offset : offset + ON_A_PAGE]
        ]
        stories = list(dict.fromkeys(person.story for person in everybody))
        return self._show(
            "people", rows=rows, total=len(found), offset=offset, step=ON_A_PAGE,
            stories=stories, story=story, phone=phone, provinces=PROVINCES,
        )  # fmt: skip

    def person(self, qid: str) -> str:
        """One person, and what can be made to happen to them."""
        person = self._named(qid)
        theirs = tickets(self._world, person)
        return self._show(
            "person",
            person=person,
            wanted=expects(person, self._sandbox.clock()),
            carer=self._world.carer(person),
            payload=self._world.payload(person),
            household=self._world.household(person),
            province=PROVINCES[person.province].name if person.province else None,
            tickets=[(each, case_of(each)) for each in reversed(theirs)],
            closed=CLOSED,
            states=(*TICKET_STATES[1:], "rejected"),
        )

    def happen(self, qid: str) -> Response:
        """Makes it happen to this person."""
        person = self._named(qid)
        asked: dict[str, Any] = {name: value for name, value in request.form.items() if value}
        if asked.get("days", "").isdecimal():
            asked["days"] = int(asked["days"])
        return self._done(self._make_happen(asked | {"qid": person.qid}), "person", qid=qid)

    def moods(self) -> str:
        """How both platforms feel, and a button for every other mood."""
        return self._show("moods", words=MOOD_WORDS)

    def put_mood(self) -> Response:
        """Puts a platform in a mood."""
        platform = next((each for each in PLATFORMS if each == request.form.get("platform")), None)
        mood = next((each for each in MOODS if each == request.form.get("mood")), None)
        try:
            seconds, delay = _seconds("seconds"), _seconds("delay")
        except ValueError:
            said = f"Times are 0 to {LONGEST_MOOD} seconds."
            return self._done(self._note(said, good=False), "moods")
        if platform is None or mood is None:
            said = "Choose a platform and a mood."
            return self._done(self._note(said, good=False), "moods")
        self._sandbox.moods.put(platform, mood, seconds=seconds or 0, delay=delay)
        return self._done(self._note(f"{platform} is now: {mood}."), "moods")

    def forms(self) -> str:
        """The forms in force, and a button for every edition that is ready."""
        editions = {name: about for name, (about, _) in EDITIONS.items()}
        return self._show("forms", forms=self._sandbox.shelf.forms_in_force(), editions=editions)

    def publish(self) -> Response:
        """Puts an edition of the general form in force."""
        edition = request.form.get("edition", "")
        if edition not in EDITIONS:
            return self._done(self._note("There is no such edition.", good=False), "forms")
        made = self._sandbox.shelf.publish(edition)
        said = f"Published: {made['title']}, edition {made['version']}."
        return self._done(self._note(said), "forms")

    def areas(self) -> str:
        """The level of every area, province by province."""
        provinces = [area for area in AREAS.values() if area.part_of is None]
        grouped = [
            (province, [area for area in AREAS.values() if area.part_of == province.id])
            for province in sorted(provinces, key=lambda it: it.id not in _sampled())
        ]
        with self._world.lock:
            levels = {each.area: each for each in self._world.risks.everywhere()}
        return self._show(
            "areas",
            grouped=grouped,
            levels=levels,
            choices=LEVELS,
            opened=request.args.get("open"),
        )

    def change_risk(self) -> Response:
        """Gives an area another level, from today."""
        asked = {"what": "risk-changed"} | {
            name: request.form.get(name) for name in ("area", "level")
        }
        area = AREAS.get(str(asked["area"]))
        opened = area.part_of or area.id if area else None
        return self._done(self._make_happen(asked), "areas", open=opened)

    def received(self) -> str:
        """What was written here, newest first; no subscriptions, for they carry their secret."""
        kind, offset = request.args.get("kind", ""), _offset()
        with self._world.lock:
            written = [each for each in self._world.received if each.kind in KINDS]
        every = [each for each in written[::-1] if kind in ("", each.kind)]
        rows = [
            (entry, self._world.person(entry.person) if entry.person else None)
            for entry in every[offset : offset + RECEIVED_ON_A_PAGE]
        ]
        return self._show(
            "received", rows=rows, total=len(every), offset=offset, step=RECEIVED_ON_A_PAGE,
            kinds=KINDS, kind=kind,
        )  # fmt: skip

    def _named(self, qid: str) -> Person:
        return self._world.by_qid(qid) or abort(404)

    def _make_happen(self, asked: dict[str, Any]) -> Note:
        try:
            done = happen(self._world, asked)
        except CannotHappen as problem:
            return self._note(f"This cannot be: {problem.reason}.", good=False)
        told = sum(self._sandbox.deliveries.announce(resource) for resource in done.changed)
        whom = done.person.name if done.person else AREAS[asked["area"]].name
        return self._note(
            f"{done.what}: {whom}. Records changed: {len(done.changed)}. Subscribers told: {told}."
        )

    def _note(self, text: str, *, good: bool = True) -> Note:
        note = Note(next(self._numbers), text, good)
        self._notes.append(note)
        return note

    def _done(self, note: Note, page: str, **where: Any) -> Response:
        return redirect(url_for(f"page.{page}", done=note.id, **where), 303)

    def _show(self, page: str, **shown: Any) -> str:
        done = request.args.get("done", "")
        note = next((each for each in self._notes if str(each.id) == done), None)
        moods = {platform: self._sandbox.moods.now(platform) for platform in PLATFORMS}
        return render_template(
            f"{page}.html", page=page, pages=PAGES, note=note, moods=moods, at=_clock_time, **shown
        )


def _sampled() -> set[str | None]:
    return {area.part_of for area in AREAS.values()}


def _clock_time(moment: datetime) -> str:
    """The time of day in Viet Nam."""
    return moment.astimezone(VIETNAM).strftime("%H:%M:%S")


def _e164(phone: str) -> str:
    """As people write it: 0912… means +84912…"""
    bare = "".join(char for char in phone if char.isdigit() or char == "+")
    return f"+84{bare[1:]}" if bare.startswith("0") else bare


def _offset() -> int:
    written = request.args.get("offset", "0")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0


def _seconds(field: str) -> float | None:
    """A field in seconds, None when it was left empty. Raises ValueError."""
    written = request.form.get(field, "").strip().replace(",", ".")
    number = float(written) if written else None
    if number is not None and not 0 <= number <= LONGEST_MOOD:
        raise ValueError("out of range")
    return number
