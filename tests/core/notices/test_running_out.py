"""What counts for some hours only: a negative test, a declaration. Told once before, or not at all."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select

from core.clock import VIETNAM, Deadline
from core.message import Address
from core.notices.declaration_due import NotedDeclarations
from core.notices.hours import before
from core.notices.notice import Policy, Span
from core.notices.ports import Event
from core.outbox.outgoing import Status
from core.platform.ports import Declaration, Due
from core.store.tables import outgoing
from tests.core.notices.conftest import Town
from tests.fakes import FORM, MOTHER, PHONE

NINE = datetime(2026, 12, 7, 9, tzinfo=VIETNAM)


def statuses(town: Town) -> list[str]:
    with town.database.begin() as connection:
        return list(connection.scalars(select(outgoing.c.status).order_by(outgoing.c.seq)))


def declares(town: Town) -> None:
    """The mother declares through us, now."""
    port = NotedDeclarations(town.platforms, town.events.take)
    said = Declaration(FORM.name, MOTHER.id, MOTHER.id, {}, town.at)
    port.declare(said, key=f"key-{town.at.isoformat()}", deadline=Deadline.after(1))
    town.works()


def goes_on_until(town: Town, then: datetime) -> None:
    """A worker looks every half hour."""
    while town.at < then:
        town.passes(minutes=30)
        town.works()
        town.news.catch_up()


@pytest.mark.parametrize(
    ("end", "hours", "told"),
    [
        ((8, 15), 3, (8, 12)),
        ((8, 11), 3, (8, 8)),
        ((8, 10), 3, (7, 19)),
        ((8, 0), 3, (7, 19)),
        ((8, 22), 3, (8, 19)),
        ((8, 23), 3, (8, 19)),
    ],
)
def test_people_are_told_some_hours_before_but_never_in_their_sleep(
    end: tuple[int, int], hours: float, told: tuple[int, int]
) -> None:
    day, hour = end
    moment = before(datetime(2026, 12, day, hour, tzinfo=VIETNAM), hours)
    assert (moment.day, moment.hour) == told


def test_who_declared_is_reminded_once_before_it_runs_out(town: Town) -> None:
    town.at = NINE
    town.links()
    declares(town)
    goes_on_until(town, NINE + timedelta(hours=9))
    assert town.texts() == [], "until nine the next day: told the evening before"
    goes_on_until(town, NINE + timedelta(days=3))
    (letter,) = town.letters()
    assert letter.to == Address("phone", PHONE)
    assert "den 09:00 08/12. De khai lai, xin tra loi KB." in letter.text
    assert letter.not_before.astimezone(VIETNAM).hour == 19


def test_who_declares_anew_hears_of_the_new_ones_end_alone(town: Town) -> None:
    town.at = NINE
    town.links()
    declares(town)
    goes_on_until(town, NINE + timedelta(hours=6))
    declares(town)
    goes_on_until(town, NINE + timedelta(hours=20))
    assert town.texts() == []
    goes_on_until(town, NINE + timedelta(days=3))
    assert len(town.texts()) == 1
    assert "den 15:00 08/12" in town.texts()[0]


def test_a_declaration_made_elsewhere_counts_as_well(town: Town) -> None:
    town.at = NINE
    town.links()
    declares(town)
    goes_on_until(town, NINE + timedelta(hours=6))
    elsewhere = Declaration(FORM.name, MOTHER.id, MOTHER.id, {}, town.at)
    town.platforms.declare(elsewhere, key="elsewhere", deadline=Deadline.after(1))
    goes_on_until(town, NINE + timedelta(days=3))
    (said,) = town.texts()
    assert "den 15:00 08/12" in said


def test_a_reminder_that_still_waits_is_withdrawn_by_a_new_declaration(town: Town) -> None:
    town.at = NINE
    town.links()
    declares(town)
    goes_on_until(town, NINE + timedelta(hours=10, minutes=30))
    assert statuses(town) == [Status.QUEUED]
    declares(town)
    assert statuses(town) == [Status.STOPPED]


def test_nobody_is_reminded_where_the_programme_does_not_want_it(town: Town) -> None:
    town.decides(Policy(declared=Span(24, 0), tested=Span(72, 0)))
    town.at = NINE
    town.links()
    declares(town)
    town.result()
    town.happens()
    goes_on_until(town, NINE + timedelta(days=4))
    assert [letter.purpose for letter in town.letters()] == ["result"]


def test_a_store_that_is_away_keeps_nobody_from_declaring(town: Town) -> None:
    def away(event: Event) -> bool:
        raise ConnectionError

    port = NotedDeclarations(town.platforms, away)
    said = Declaration(FORM.name, MOTHER.id, MOTHER.id, {}, town.at)
    assert port.declare(said, key="k", deadline=Deadline.after(1)) == "qr-1"


def test_a_negative_test_is_told_once_before_it_runs_out(town: Town) -> None:
    town.at = NINE
    town.links()
    town.result(sampled=NINE - timedelta(hours=6))
    town.happens()
    goes_on_until(town, NINE + timedelta(days=5))
    result, running_out = town.letters()
    assert result.purpose == "result"
    assert "am tinh luc 03:00 07/12 co gia tri den 03:00 10/12" in running_out.text
    told = running_out.not_before.astimezone(VIETNAM)
    assert (told.day, told.hour) == (9, 15)


def test_a_newer_test_takes_its_place(town: Town) -> None:
    town.at = NINE
    town.links()
    town.result(sampled=NINE - timedelta(hours=6))
    town.happens()
    goes_on_until(town, datetime(2026, 12, 9, 15, tzinfo=VIETNAM))
    assert statuses(town)[1:] == [Status.QUEUED]
    town.result(sampled=town.at - timedelta(hours=1), issued=town.at)
    town.happens(version=2, at=town.at)
    town.works()
    assert Status.STOPPED in statuses(town)
    goes_on_until(town, NINE + timedelta(days=7))
    assert "den 14:00 12/12" in town.texts()[-1]


def test_after_a_positive_one_nothing_runs_out(town: Town) -> None:
    town.at = NINE
    town.links()
    town.result()
    town.happens()
    town.works()
    town.result(value="detected", status="corrected")
    town.happens(version=2)
    goes_on_until(town, NINE + timedelta(days=5))
    assert [letter.purpose for letter in town.letters()] == ["result", "result"]


@pytest.mark.parametrize("how", ["corrected", "withdrawn", "another one"])
def test_a_reminder_that_still_waits_is_withdrawn_when_the_test_counts_no_more(
    town: Town, how: str
) -> None:
    town.at = NINE
    town.links()
    town.result(sampled=NINE - timedelta(hours=6))
    town.happens()
    goes_on_until(town, datetime(2026, 12, 9, 15, tzinfo=VIETNAM))
    assert town.letters()[-1].purpose == "reminder"
    assert statuses(town)[-1] == Status.QUEUED, "a provider is slow, or the day's number is full"
    match how:
        case "corrected":
            town.result(value="detected", status="corrected")
            town.happens(version=2, at=town.at)
        case "withdrawn":
            town.platforms.results_of[MOTHER.id] = ()
            town.happens(version=2, at=town.at)
        case "another one":
            now = town.at - timedelta(hours=1)
            town.result(id="obs-10", value="detected", sampled=now, issued=town.at)
            town.happens(thing="obs-10", at=town.at)
    town.works()
    assert statuses(town)[1] == Status.STOPPED


def test_a_passport_is_told_once_and_a_new_one_again(town: Town) -> None:
    town.links()
    town.happens("passport", MOTHER.id, 1)
    town.works()
    assert town.letters() == [], "there is none"
    for version, passport in enumerate(("HC1:A", "HC1:A", "HC1:B"), 2):
        town.platforms.passports[MOTHER.id] = passport
        town.happens("passport", MOTHER.id, version)
        town.works()
    assert len(town.letters()) == 2
    assert town.texts()[0].startswith("Da co ho chieu vac xin cua Nguyen T**")


def test_a_dose_reminder_that_still_waits_is_withdrawn_when_the_dose_is_on_record(
    town: Town,
) -> None:
    town.at = datetime(2026, 12, 19, 21, tzinfo=VIETNAM)
    town.links()
    town.platforms.due_of[MOTHER.id] = Due(date(2026, 12, 20), "Pfizer", 3)
    town.happens("dose", "rec-1", 1)
    town.works()
    assert statuses(town) == [Status.QUEUED], "it waits for the morning"
    del town.platforms.due_of[MOTHER.id]
    town.happens("dose", "rec-1", 2)
    town.works()
    assert statuses(town) == [Status.STOPPED]
