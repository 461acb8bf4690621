"""Two people at one campaign in the same moment: whatever comes first holds, and nobody is half done."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.campaigns.campaign import Campaign, CampaignError, OtherEdition, State, Words
from core.campaigns.changes import Canary
from core.store.database import Database
from tests.core.campaigns.office import HOA, LAN, Office, people, phone, table

Does = Callable[[], object]


def together(*does: Does) -> list[Exception | None]:
    """What each of them was told."""
    begin = threading.Barrier(len(does))

    def one(do: Does) -> Exception | None:
        begin.wait()
        try:
            do()
        except CampaignError as error:
            return error
        return None

    with ThreadPoolExecutor(len(does)) as pool:
        return list(pool.map(one, does))


def checked(office: Office) -> Campaign:
    made = office.makes(people(60))
    office.checks(made)
    return office.now(made)


@pytest.mark.parametrize("_round", range(5))
def test_a_correction_while_it_is_approved(office: Office, _round: int) -> None:
    made = checked(office)
    approved, corrected = together(
        lambda: office.campaigns.approve(made.id, who=HOA, edition=made.edition),
        lambda: office.campaigns.correct(made.id, office.reads(people(3)), who=LAN),
    )
    assert corrected is None, "nobody has been sent anything yet"
    assert approved is None or isinstance(approved, OtherEdition)
    now = office.now(made)
    assert (now.state, now.approver, now.edition) == (State.DRAFT, None, 2)


@pytest.mark.parametrize("_round", range(5))
def test_a_correction_while_it_is_started(office: Office, _round: int) -> None:
    made = checked(office)
    office.approves(made)
    started, corrected = together(
        lambda: office.campaigns.start(made.id, who=LAN),
        lambda: office.campaigns.correct(made.id, office.reads(people(3)), who=LAN),
    )
    assert (started is None) is not (corrected is None), "one of them came too late"
    now = office.now(made)
    rows = sum(office.counted(made).values())
    assert (now.state, rows) == ((State.CANARY, 60) if started is None else (State.DRAFT, 3))


@pytest.mark.parametrize("_round", range(5))
def test_a_stop_while_it_is_fed_paused_and_resumed(database: Database, _round: int) -> None:
    office = Office(database, canary=Canary(seconds=0), window=30)
    started = office.starts(people(200))
    office.works(2)
    together(
        lambda: office.campaigns.pause(started.id, who=LAN),
        lambda: office.campaigns.stop(started.id, who=HOA),
        lambda: office.campaigns.resume(started.id, who=LAN),
        office.feed.step,
    )
    before = len(office.provider.got)
    office.passes(minutes=5)
    office.works(3)
    assert office.now(started).state is State.STOPPED
    assert len(office.provider.got) == before
    assert office.counted(started) == {"sent": before, "stopped": 200 - before}


def test_rows_that_were_read_for_the_words_before_are_bad(office: Office) -> None:
    made = office.makes(people(3))
    rows = list(office.reads(people(2)))
    more = Words(texts={"vi": "Chào {name}, hẹn ngày {day}."})
    head = "to,name,day"
    dated = office.reads(table(f"{phone(1)},An,30/11", head=head), more)
    office.campaigns.correct(made.id, dated, who=LAN, words=more)
    office.campaigns.correct(made.id, rows, who=HOA)
    assert office.checks(made).bad_rows == ((2, "no day"), (3, "no day"))


def test_a_stop_while_the_first_ones_are_on_their_way(office: Office) -> None:
    started = office.starts(people(100))
    office.feed.step()
    claimed = office.outbox.claim(5)
    for one in claimed[:2]:
        office.carrier.carry(one)
    office.campaigns.stop(started.id, who=HOA)
    for one in claimed[2:]:
        office.carrier.carry(one)
    office.passes(hours=1)
    office.works(3)
    assert office.now(started).state is State.STOPPED
    assert office.counted(started) == {"sent": 2, "stopped": 98}


def test_two_start_it_and_everybody_gets_it_once(database: Database) -> None:
    office = Office(database, canary=Canary(seconds=0))
    made = checked(office)
    office.approves(made)
    told = together(*[lambda: office.campaigns.start(made.id, who=LAN)] * 4)
    assert told == [None] * 4
    together(*[office.feed.step] * 3)
    office.works(5)
    assert office.got() == {phone(one): 1 for one in range(60)}
    assert [one.what for one in office.book.history(made.id)].count("started") == 1
