"""A dose is called for while it is due, and no longer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

import pytest

from core.clock import VIETNAM
from core.platform.ports import Dose, Due
from tests.core.notices.conftest import Town
from tests.fakes import CHILD, MOTHER


def test_who_is_no_carer_any_more_hears_nothing_new_of_the_child(town: Town) -> None:
    town.links()
    due = date(2026, 12, 20)
    town.platforms.due_of[CHILD.id] = Due(due, "Pfizer", 3)
    town.happens("dose", "rec-1", citizen=CHILD)
    town.at = datetime(2026, 12, 13, 9, tzinfo=VIETNAM)
    town.works()
    assert len(town.letters()) == 1
    alone = replace(CHILD, carers=())
    town.platforms.people = [alone if one.id == CHILD.id else one for one in town.platforms.people]
    for day in (19, 21):
        town.at = datetime(2026, 12, day, 9, tzinfo=VIETNAM)
        town.news.catch_up()
    assert len(town.letters()) == 1


def test_what_was_taken_back_unsent_and_is_true_again_is_told_after_all(town: Town) -> None:
    town.at = datetime(2026, 12, 19, 21, tzinfo=VIETNAM)
    town.links()
    due = Due(date(2026, 12, 20), "Pfizer", 3)
    for version, on_file in enumerate((due, None, due), 1):
        town.platforms.due_of.clear()
        if on_file is not None:
            town.platforms.due_of[MOTHER.id] = on_file
        town.happens("dose", "rec-1", version)
        town.works()
    town.passes(hours=12)
    assert len(town.outbox.claim(9)) == 1, "a record that was mended within the hour"


def test_a_dose_is_told_a_week_ahead_if_it_is_still_due_then(town: Town) -> None:
    town.links()
    town.platforms.due_of[MOTHER.id] = Due(date(2026, 12, 20), "Comirnaty", 3)
    town.happens("dose", "rec-1")
    town.works()
    town.passes(days=10)
    assert town.news.catch_up() == 0
    town.at = datetime(2026, 12, 13, 8, 1, tzinfo=VIETNAM)
    assert town.news.catch_up() == 1
    (said,) = town.texts()
    assert "tu 20/12/2026" in said
    town.passes(days=1)
    assert town.news.catch_up() == 0


def test_a_dose_that_was_given_meanwhile_is_not_called_for(town: Town) -> None:
    town.links()
    town.platforms.due_of[MOTHER.id] = Due(date(2026, 12, 20), "Comirnaty", 3)
    town.happens("dose", "rec-1")
    town.works()
    town.platforms.due_of.clear()
    town.at = datetime(2026, 12, 13, 8, 1, tzinfo=VIETNAM)
    town.news.catch_up()
    assert town.letters() == []


@pytest.mark.parametrize(
    ("hour", "day", "then"), [(6, 23, 23), (9, 23, None), (19, 23, None), (22, 23, 25), (9, 24, 25)]
)
def test_nobody_is_woken_for_a_dose_nor_on_a_holiday(
    town: Town, hour: int, day: int, then: int | None
) -> None:
    town.at = datetime(2026, 11, day, hour, 30, tzinfo=VIETNAM)
    town.links()
    town.platforms.due_of[MOTHER.id] = Due(date(2026, 11, 24), None, None)
    town.happens("dose", "rec-1")
    town.works()
    (letter,) = town.letters()
    morning = None if then is None else datetime(2026, 11, then, 8, tzinfo=VIETNAM)
    assert letter.not_before == (morning or town.at)


def test_a_dose_is_called_for_a_week_ahead_the_day_before_and_when_it_was_missed(
    town: Town,
) -> None:
    town.links()
    town.platforms.due_of[MOTHER.id] = Due(date(2026, 12, 20), "Pfizer", 3)
    town.happens("dose", "rec-1")
    for day, told in ((13, 1), (18, 1), (19, 2), (20, 2), (21, 3), (27, 3)):
        town.at = datetime(2026, 12, day, 9, tzinfo=VIETNAM)
        town.works()
        town.news.catch_up()
        town.news.catch_up()
        assert len(town.texts()) == told, day
    ahead, eve, missed = town.texts()
    assert "tu 20/12/2026" in ahead
    assert "den han ngay 20/12/2026" in eve
    assert "chua co mui tiem ngay 20/12/2026" in missed


@pytest.mark.parametrize(
    ("on", "number", "told"),
    [
        (date(2026, 12, 20), 3, 0),
        (date(2026, 12, 6), 3, 0),
        (date(2026, 12, 20), None, 0),
        (date(2026, 12, 5), 3, 1),
        (date(2026, 12, 20), 2, 1),
    ],
)
def test_a_dose_on_record_is_not_called_for_though_a_server_still_recommends_it(
    town: Town, on: date, number: int | None, told: int
) -> None:
    town.links()
    town.at = datetime(2026, 12, 21, 9, tzinfo=VIETNAM)
    town.platforms.due_of[MOTHER.id] = Due(date(2026, 12, 20), "Pfizer", 3)
    town.platforms.doses_of[MOTHER.id] = (Dose(on, "Pfizer", number, None, None),)
    town.happens("dose", "rec-1")
    town.works()
    assert len(town.letters()) == told


def test_once_the_dose_is_on_record_nobody_is_reminded(town: Town) -> None:
    town.links()
    town.platforms.due_of[MOTHER.id] = Due(date(2026, 12, 20), "Pfizer", 3)
    town.happens("dose", "rec-1")
    town.at = datetime(2026, 12, 14, 9, tzinfo=VIETNAM)
    town.works()
    del town.platforms.due_of[MOTHER.id]
    for day in (19, 21):
        town.at = datetime(2026, 12, day, 9, tzinfo=VIETNAM)
        town.news.catch_up()
    assert len(town.texts()) == 1
