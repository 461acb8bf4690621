"""How far a campaign is: whatever is done with it, its figures add up, by province and by ward."""

from __future__ import annotations

from decimal import Decimal

from core.campaigns.campaign import Area, Campaign
from core.campaigns.changes import Canary
from core.campaigns.progress import Progress
from core.store.campaign_counts import progress
from core.store.database import Database
from tests.core.campaigns.office import HOA, LAN, Office, phone, table

PEOPLE = 90


def two_countries() -> list[bytes]:
    """Of three provinces, one of them without a name, with two wards in each."""
    provinces, wards = ("56", "79", ""), ("a", "b")
    rows = (
        f"{phone(one)},An,{provinces[one % 3]},{provinces[one % 3]}{wards[one // 3 % 2]}"
        for one in range(PEOPLE)
    )
    return table(*rows, f"{phone(0)},An,56,56a", "12,Bình,79,79a", head="to,name,province,ward")


def whole(office: Office, campaign: Campaign) -> Progress:
    """Each time it is looked at, the parts are the whole."""
    seen, provinces = progress(office.database, campaign.id)
    same, wards = progress(office.database, campaign.id, by_ward=True)
    assert seen == same == sum(provinces.values(), Progress()) == sum(wards.values(), Progress())
    assert (set(provinces), len(wards)) == ({"", "56", "79"}, 6)
    assert (seen.to_send, seen.bad, seen.duplicate) == (PEOPLE, 1, 1)
    return seen


def test_the_parts_are_the_whole_whatever_is_held(database: Database) -> None:
    office = Office(database, window=20, canary=Canary(least=10, seconds=0))
    started = office.starts(two_countries())
    assert whole(office, started).waiting == PEOPLE
    office.works()
    assert whole(office, started).sent == 10
    office.feed.step()
    assert whole(office, started).queued == 20
    office.campaigns.pause(started.id, who=LAN, area=Area("province", "79"))
    office.campaigns.pause(started.id, who=LAN, area=Area("ward", "56a"))
    assert whole(office, started).queued < 20, "taken back"
    office.works(6)
    held = whole(office, started)
    assert held.waiting == PEOPLE - held.sent > 0
    office.campaigns.stop(started.id, who=HOA, area=Area("ward", "79b"))
    stopped = whole(office, started)
    assert stopped.stopped + stopped.waiting == held.waiting
    office.campaigns.pause(started.id, who=LAN)
    office.campaigns.resume(started.id, who=LAN, area=Area("province", "79"))
    assert whole(office, started) == stopped
    office.campaigns.resume(started.id, who=LAN)
    office.works(6)
    assert whole(office, started).waiting > 0, "one ward waits yet"
    office.campaigns.stop(started.id, who=LAN)
    ended = whole(office, started)
    assert (ended.waiting, ended.queued, ended.sent + ended.stopped) == (0, 0, PEOPLE)


def test_money_is_told_by_area_too(office: Office) -> None:
    started = office.starts(two_countries())
    office.sees_the_canary_through()
    office.works(3)
    with office.database.begin() as connection:
        connection.exec_driver_sql("UPDATE outgoing SET cost = 300, segments = 1")
    seen, provinces = progress(office.database, started.id)
    assert (seen.cost, seen.segments) == (Decimal(300 * PEOPLE), PEOPLE)
    assert {(one.cost, one.segments) for one in provinces.values()} == {(Decimal(9000), 30)}
    whole(office, started)
