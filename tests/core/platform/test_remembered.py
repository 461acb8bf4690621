"""A platform that is down is answered for by what it said last, and never by what it said of others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

import pytest
from prometheus_client import REGISTRY

from core.errors import Absent, Down, Late, PlatformError
from core.people.papers import Paper
from core.platform.ports import Correction, Due, Isolation, Known, Platforms
from core.platform.remembered import remember
from tests.core.platform.conftest import soon
from tests.fakes import CHILD, DOSES, FATHER, MOTHER, PHONE, RESULTS, FakePlatforms, payload_of

NOW = datetime(2026, 11, 23, 7, 5, tzinfo=UTC)
QID = MOTHER.qid or ""
WRONG = Correction("dose-missing", MOTHER.id, MOTHER.id, "12/8/2026 Pfizer", NOW)


@dataclass
class Notebook:
    """A memory in a dictionary; `torn` makes it fail."""

    pages: dict[tuple[str, str], tuple[str, datetime]] = field(default_factory=dict)
    torn: bool = False
    asked: int = 0

    def recall(self, what: str, about: str) -> tuple[str, datetime] | None:
        self._ask()
        return self.pages.get((what, about))

    def keep(self, what: str, about: str, said: str, as_of: datetime) -> None:
        self._ask()
        self.pages[(what, about)] = (said, as_of)

    def forget(self, what: str, about: str) -> None:
        self._ask()
        self.pages.pop((what, about), None)

    def _ask(self) -> None:
        self.asked += 1
        if self.torn:
            raise ConnectionError("no database")


@pytest.fixture
def fakes() -> FakePlatforms:
    fakes = FakePlatforms()
    fakes.due_of[MOTHER.id] = Due(date(2026, 12, 1), "Vaxzevria", 3)
    fakes.isolated[MOTHER.id] = Isolation("isolation", date(2026, 11, 20), None)
    return fakes


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()


@pytest.fixture
def platforms(fakes: FakePlatforms, notebook: Notebook) -> Platforms:
    return remember(fakes.platforms, notebook, lambda: NOW)


KNOWN: dict[str, Callable[[Platforms], object]] = {
    "doses": lambda ports: ports.vaccinations.doses(MOTHER.id, deadline=soon()),
    "next-dose": lambda ports: ports.vaccinations.next_dose(MOTHER.id, deadline=soon()),
    "results": lambda ports: ports.tests.results(MOTHER.id, deadline=soon()),
    "isolation": lambda ports: ports.tests.isolation(MOTHER.id, deadline=soon()),
    "tickets": lambda ports: ports.corrections.tickets(MOTHER.id, deadline=soon()),
    "risk": lambda ports: ports.risks.risk("hcm-bn", deadline=soon()),
}
PLAIN: dict[str, Callable[[Platforms], object]] = {
    "by-phone": lambda ports: ports.citizens.by_phone(PHONE, deadline=soon()),
    "by-qid": lambda ports: ports.citizens.by_qid(QID, deadline=soon()),
    "record": lambda ports: ports.qr.record(QID, deadline=soon()),
}


@pytest.mark.parametrize("what", KNOWN)
@pytest.mark.parametrize("mood", ["down", "late"])
def test_the_last_answer_is_told_with_its_age(
    what: str, mood: str, fakes: FakePlatforms, platforms: Platforms
) -> None:
    ask = KNOWN[what]
    fresh = ask(platforms)
    fakes.mood = mood  # type: ignore[assignment]
    fakes.as_of = NOW + timedelta(hours=3)
    assert ask(platforms) == replace(fresh, fresh=False)  # type: ignore[type-var]


@pytest.mark.parametrize("what", PLAIN)
@pytest.mark.parametrize("mood", ["down", "late"])
def test_answers_without_an_age_are_told_as_they_were(
    what: str, mood: str, fakes: FakePlatforms, platforms: Platforms
) -> None:
    ask = PLAIN[what]
    fresh = ask(platforms)
    assert fresh
    fakes.mood = mood  # type: ignore[assignment]
    assert ask(platforms) == fresh


@pytest.mark.parametrize("what", KNOWN | PLAIN)
@pytest.mark.parametrize(("mood", "error"), [("down", Down), ("late", Late)])
def test_where_nothing_is_known_the_platform_is_simply_not_there(
    what: str,
    mood: str,
    error: type[PlatformError],
    fakes: FakePlatforms,
    platforms: Platforms,
) -> None:
    fakes.mood = mood  # type: ignore[assignment]
    with pytest.raises(error):
        (KNOWN | PLAIN)[what](platforms)


def test_nobody_is_told_what_was_said_of_somebody_else(
    fakes: FakePlatforms, platforms: Platforms, notebook: Notebook
) -> None:
    assert platforms.vaccinations.doses(MOTHER.id, deadline=soon()).value == DOSES[MOTHER.id]
    assert platforms.tests.results(MOTHER.id, deadline=soon()).value == RESULTS[MOTHER.id]
    platforms.citizens.by_phone(PHONE, deadline=soon())
    platforms.citizens.by_qid(QID, deadline=soon())
    fakes.mood = "down"
    with pytest.raises(Down):
        platforms.vaccinations.doses(CHILD.id, deadline=soon())
    with pytest.raises(Down):
        platforms.tests.results(CHILD.id, deadline=soon())
    with pytest.raises(Down):
        platforms.citizens.by_phone(FATHER.phones[0], deadline=soon())
    assert CHILD.qid
    # Even a notebook with its pages mixed up tells nothing about the wrong person.
    notebook.pages[("by-qid", CHILD.qid)] = notebook.pages[("by-qid", QID)]
    notebook.pages[("by-phone", FATHER.phones[0])] = notebook.pages[("by-phone", PHONE)]
    assert platforms.citizens.by_qid(CHILD.qid, deadline=soon()) == ()
    assert platforms.citizens.by_phone(FATHER.phones[0], deadline=soon()) == ()


def test_proofs_and_writes_are_never_remembered(
    fakes: FakePlatforms, platforms: Platforms, notebook: Notebook
) -> None:
    paper = Paper("cccd", "079190012345")
    assert platforms.citizens.by_paper(paper, deadline=soon()) == (MOTHER,)
    assert platforms.citizens.by_id(MOTHER.id, deadline=soon()) == MOTHER
    assert platforms.vaccinations.passport(MOTHER.id, deadline=soon()) is None
    assert notebook.pages == {}
    fakes.mood = "down"
    with pytest.raises(Down):
        platforms.citizens.by_paper(paper, deadline=soon())
    with pytest.raises(Down):
        platforms.citizens.by_id(MOTHER.id, deadline=soon())


def test_a_ticket_just_opened_is_among_those_that_are_remembered(
    fakes: FakePlatforms, platforms: Platforms
) -> None:
    first = platforms.corrections.ask(WRONG, key="1", deadline=soon())
    fakes.as_of = NOW + timedelta(hours=1)
    seen = platforms.corrections.tickets(MOTHER.id, deadline=soon())
    second = platforms.corrections.ask(WRONG, key="2", deadline=soon())
    assert platforms.corrections.ask(WRONG, key="2", deadline=soon()) == second
    fakes.mood = "down"
    told = platforms.corrections.tickets(MOTHER.id, deadline=soon())
    assert told == Known((second, first), seen.as_of, fresh=False)


def test_a_qr_known_to_be_revoked_is_never_told_as_if_it_held(
    fakes: FakePlatforms, platforms: Platforms, notebook: Notebook
) -> None:
    assert platforms.qr.record(QID, deadline=soon()).active
    fakes.revoked.add(QID)
    assert not platforms.qr.record(QID, deadline=soon()).active
    fakes.mood = "down"
    assert not platforms.qr.record(QID, deadline=soon()).active


def test_an_officers_scan_tells_of_the_revocation_too(
    fakes: FakePlatforms, platforms: Platforms
) -> None:
    assert platforms.qr.record(QID, deadline=soon()).active
    fakes.revoked.add(QID)
    platforms.qr.resolve(payload_of(MOTHER), deadline=soon())
    fakes.mood = "down"
    assert not platforms.qr.record(QID, deadline=soon()).active


def test_a_revocation_that_could_not_be_written_down_is_known_all_the_same(
    fakes: FakePlatforms, notebook: Notebook
) -> None:
    seconds = [0.0]
    platforms = remember(fakes.platforms, notebook, lambda: NOW)
    platforms.qr.before._tick = lambda: seconds[0]  # type: ignore[attr-defined]
    platforms.qr.record(QID, deadline=soon())
    fakes.revoked.add(QID)
    notebook.torn = True
    platforms.qr.record(QID, deadline=soon())
    notebook.torn, fakes.mood = False, "down"
    seconds[0] = 60.0
    with pytest.raises(Down):
        platforms.qr.record(QID, deadline=soon())


def test_what_the_platform_no_longer_has_is_forgotten(
    fakes: FakePlatforms, platforms: Platforms
) -> None:
    platforms.qr.record(QID, deadline=soon())
    fakes.people.remove(MOTHER)
    with pytest.raises(Absent):
        platforms.qr.record(QID, deadline=soon())
    fakes.mood = "down"
    with pytest.raises(Down):
        platforms.qr.record(QID, deadline=soon())


@pytest.mark.parametrize("what", KNOWN | PLAIN)
def test_trouble_with_the_storage_breaks_no_look_up(
    what: str, fakes: FakePlatforms, platforms: Platforms, notebook: Notebook
) -> None:
    ask = (KNOWN | PLAIN)[what]
    before = REGISTRY.get_sample_value("motcua_remembered_trouble_total", {"doing": "keep"}) or 0
    notebook.torn = True
    assert ask(platforms) == ask(fakes.platforms)
    after = REGISTRY.get_sample_value("motcua_remembered_trouble_total", {"doing": "keep"})
    assert after == before + 1
    ask(platforms)
    assert notebook.asked == 1, "after trouble it is left alone for a while"
    fakes.mood = "down"
    with pytest.raises(Down):
        ask(platforms)


def test_a_page_that_makes_no_sense_is_as_good_as_none(
    fakes: FakePlatforms, platforms: Platforms, notebook: Notebook
) -> None:
    notebook.pages[("doses", MOTHER.id)] = ('[{"on": "some day"}]', NOW)
    fakes.mood = "down"
    with pytest.raises(Down):
        platforms.vaccinations.doses(MOTHER.id, deadline=soon())
    assert platforms.tests is not None
    fakes.mood = "well"
    platforms.vaccinations.doses(MOTHER.id, deadline=soon())
    fakes.mood = "down"
    assert platforms.vaccinations.doses(MOTHER.id, deadline=soon()).value == DOSES[MOTHER.id]
