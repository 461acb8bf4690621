"""The editions of the declaration form: the one now in force, and those people are in the middle of."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from typing import Protocol

from core.clock import Clock, Deadline
from core.errors import Absent, Down, Late
from core.platform.fhir_form import Edition, compiled
from core.platform.fhir_search import FhirSearch
from core.platform.reading import Json, Object, mapping, moment
from core.platform.watch import noting

PLATFORM = "fhir"
KEPT = 32
IN_FORCE = "in force: "
"""Before the url: the name under which the newest edition stands on the shelf."""

AGAIN_SECONDS = 10.0
"""A platform that could not tell which form is in force is asked again after this long."""


class Shelf(Protocol):
    """Keeps forms for all processes, also while the platform is away. Raises nothing of its own."""

    def get(self, name: str) -> Json:
        """The Questionnaire that was put there under this name, or None."""

    def put(self, name: str, form: Object) -> None:
        """Keeps a Questionnaire under this name."""


class NoShelf:
    """For a process that keeps what it fetched to itself."""

    def get(self, name: str) -> Json:
        return None

    def put(self, name: str, form: Object) -> None:
        pass


class Editions:
    """Fetches, compiles and keeps the editions of one form; safe between threads.

    Somebody in the middle of a form is never without it: neither because another process goes on
    with them, nor because the platform is away.
    """

    def __init__(
        self,
        search: FhirSearch,
        *,
        form_url: str,
        form_seconds: float,
        clock: Clock,
        tick: Callable[[], float],
        shelf: Shelf | None = None,
    ) -> None:
        self._search = search
        self._shelf = shelf or NoShelf()
        self._form_url = form_url
        self._form_seconds = form_seconds
        self._clock = clock
        self._tick = tick
        self._lock = threading.Lock()
        self._current: tuple[float, Edition] | None = None
        self._editions: dict[str, Edition] = {}

    def current(self, *, deadline: Deadline) -> Edition:
        """The edition now in force; asked for once in `form_seconds`.

        While the platform does not answer, the one that was in force when it last did. Raises
        Absent when the platform has none, Down when it has none that can be asked.
        """
        held = self._current
        if held is not None and self._tick() < held[0]:
            return held[1]
        # While one thread asks again, the others go on with the edition they had.
        if not self._lock.acquire(timeout=0 if held else deadline.left()):
            if held is None:
                raise Late(PLATFORM, "waiting for the form")
            return held[1]
        try:
            if self._current is not held and self._current is not None:
                return self._current[1]
            edition, seconds = self._in_force(held[1] if held else None, deadline)
            self._current = (self._tick() + seconds, edition)
            return edition
        finally:
            self._lock.release()

    def _in_force(self, held: Edition | None, deadline: Deadline) -> tuple[Edition, float]:
        """The edition, and for how many seconds it need not be asked for again."""
        try:
            edition, form = self._newest(deadline)
        except (Late, Down):
            known = held or self._from_shelf(IN_FORCE + self._form_url)
            if known is None:
                raise
            self._keep(known)
            return known, AGAIN_SECONDS
        self._keep(edition)
        for name in (edition.form.name, IN_FORCE + self._form_url):
            self._shelf.put(name, form)
        return edition, self._form_seconds

    def _newest(self, deadline: Deadline) -> tuple[Edition, Object]:
        operation = "form"
        query = (("url", self._form_url), ("status", "active"))
        found = list(self._search.resources(operation, "Questionnaire", query, deadline=deadline))
        in_force = [
            each for each in found if each.get("status") == "active" and self._now_valid(each)
        ]
        editions = self._compiled(in_force, operation)
        if not editions:
            if found:
                raise self._search.senseless(operation, "no form that can be asked")
            raise Absent(PLATFORM, "no form in force")
        return max(editions, key=lambda one: version_order(one[0].form.version))

    def named(self, name: str, deadline: Deadline) -> Edition:
        """The very edition that was asked, even if a newer one is in force."""
        if name in self._editions:
            return self._editions[name]
        known = self._from_shelf(name)
        if known is not None and known.form.name == name:
            self._keep(known)
            return known
        operation = "form-edition"
        url, _, version = name.rpartition("|")
        query = (("url", url), ("version", version))
        found = list(self._search.resources(operation, "Questionnaire", query, deadline=deadline))
        for edition, form in self._compiled(found, operation):
            if edition.form.name == name:
                self._keep(edition)
                self._shelf.put(name, form)
                return edition
        raise Absent(PLATFORM, "no such edition of the form")

    def _from_shelf(self, name: str) -> Edition | None:
        form = self._shelf.get(name)
        found = self._compiled([form], "form-shelf") if isinstance(form, dict) else []
        return found[0][0] if found else None

    def _compiled(self, found: list[Object], operation: str) -> list[tuple[Edition, Object]]:
        note = noting(PLATFORM, operation)
        editions = ((compiled(each, note=note), each) for each in found)
        return [(edition, form) for edition, form in editions if edition is not None]

    def _keep(self, edition: Edition) -> None:
        """Editions never change; the oldest kept makes room for the newest."""
        kept = {**self._editions, edition.form.name: edition}
        self._editions = dict(list(kept.items())[-KEPT:])

    def _now_valid(self, questionnaire: Object) -> bool:
        period = mapping(questionnaire.get("effectivePeriod"))
        start, end = moment(period.get("start")), moment(period.get("end"))
        at = self._clock()
        return (start is None or start <= at) and (end is None or at <= end)


def version_order(version: str) -> tuple[tuple[int, int, str], ...]:
    """Orders `1.9` before `1.10`, and `2026-01` before `2026-11`."""
    parts = re.findall(r"[0-9]{1,18}|[a-z]+", version.lower())
    return tuple((1, int(one), "") if one.isdigit() else (0, 0, one) for one in parts)
