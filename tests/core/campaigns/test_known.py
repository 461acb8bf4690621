"""A campaign to the people we know, by the province in which the health platform has them."""

from __future__ import annotations

import pytest

from core.campaigns.campaign import CampaignError
from core.campaigns.known import rows
from core.campaigns.source import Row
from core.message import Address, Channel
from core.people.accounts import Linked
from core.people.consent import Consent
from core.store.linked import linked_people
from tests.core.campaigns.office import Office, phone
from tests.fakes import MOTHER, FakePlatforms


@pytest.fixture
def platforms() -> FakePlatforms:
    return FakePlatforms()


def links(office: Office, number: str, citizen_id: str, name: str) -> None:
    person = office.people.find(Address("phone", number))
    words = Consent("link", "Tôi đồng ý.", "vi", Channel.SMS)
    office.people.link(person.id, Linked(citizen_id, None, name, 1990), words)


def found(office: Office, platforms: FakePlatforms, *provinces: str) -> list[Row]:
    known = linked_people(office.database, office.vault)
    return list(
        rows(
            known,
            frozenset({"name"}),
            citizens=platforms,
            areas=platforms,
            provinces=frozenset(provinces),
        )
    )


def code_of(platforms: FakePlatforms, name: str) -> str:
    return next(one.id for one in platforms.known_areas if name in one.name)


def test_those_of_a_province_are_written_to(office: Office, platforms: FakePlatforms) -> None:
    links(office, phone(1), MOTHER.id, "Quỳnh")
    links(office, phone(2), "pat-nobody", "Ai")
    office.people.find(Address("phone", phone(3)))
    here = code_of(platforms, "Hồ Chí Minh")
    (row,) = found(office, platforms, here)
    assert (row.to, row.values, row.province) == (phone(1), {"name": "Quỳnh"}, here)
    assert len(found(office, platforms)) == 2
    other = next(
        one.id for one in platforms.known_areas if one.kind == "province" and one.id != here
    )
    assert found(office, platforms, other) == []
    made, _ = office.campaigns.make(
        office.makes([b"to,name\n", b"0912345678,An\n"]).plan,
        found(office, platforms, here),
        who="Lan",
    )
    assert office.checks(made).provinces == {here: 1}


def test_what_cannot_be_asked_is_said(office: Office, platforms: FakePlatforms) -> None:
    links(office, phone(1), MOTHER.id, "Quỳnh")
    with pytest.raises(CampaignError, match="no province 999"):
        found(office, platforms, "999")
    known = linked_people(office.database, office.vault)
    with pytest.raises(CampaignError, match="not day"):
        list(rows(known, frozenset({"day"}), citizens=platforms, areas=platforms))
    platforms.mood = "down"
    with pytest.raises(CampaignError, match="does not answer"):
        found(office, platforms)
