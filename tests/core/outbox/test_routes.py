"""Through whom a message goes: by country, operator, purpose and price, as an operator wrote it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.message import Address, Channel, Page
from core.outbox.outgoing import Outgoing, Purpose
from core.outbox.routes import BadRoutes, Routes, pieces
from core.people.operators import country_of, operator_of
from tests.core.outbox.provider import Provider

VIETTEL, VINAPHONE, THAI = "+84982345678", "+84912345678", "+66812345678"
TABLE = (
    "VN viettel result, ticket -> kannel 300, esms 350;"
    "VN campaign -> cheapest esms 250, kannel 240, twilio;"
    "VN -> esms 350, twilio 900; zalo -> zalo 200; TH LA -> twilio 2500.5"
)


def text_to(number: str, purpose: Purpose = Purpose.REMINDER, words: str = "Xin chao") -> Outgoing:
    return Outgoing("k", Address("phone", number), Channel.SMS, Page(words), purpose)


def ways(table: str, outgoing: Outgoing, *names: str) -> list[tuple[str, Decimal | None]]:
    senders = [Provider(name) for name in names or ("twilio", "kannel", "esms")]
    return [(way.sender.provider, way.price) for way in Routes.read(table).ways(outgoing, senders)]


def test_without_a_table_everybody_who_can_in_their_order() -> None:
    assert ways("", text_to(VIETTEL)) == [("twilio", None), ("kannel", None), ("esms", None)]


@pytest.mark.parametrize(
    ("number", "purpose", "expected"),
    [
        (VIETTEL, Purpose.RESULT, ["kannel", "esms"]),
        (VIETTEL, Purpose.REMINDER, ["esms", "twilio"]),
        (VINAPHONE, Purpose.RESULT, ["esms", "twilio"]),
        (VINAPHONE, Purpose.CAMPAIGN, ["kannel", "esms", "twilio"]),
        (THAI, Purpose.CAMPAIGN, ["twilio"]),
    ],
)
def test_the_first_rule_that_fits_decides(
    number: str, purpose: Purpose, expected: list[str]
) -> None:
    assert [name for name, _ in ways(TABLE, text_to(number, purpose))] == expected


def test_a_number_that_no_rule_knows_goes_by_whoever_can() -> None:
    assert len(ways(TABLE, text_to("+12025550100"))) == 3


def test_a_rule_whose_providers_are_not_set_up_is_passed_over() -> None:
    assert ways(TABLE, text_to(VIETTEL, Purpose.RESULT), "twilio") == [("twilio", Decimal(900))]


def test_what_it_costs_is_segments_times_price() -> None:
    (first, second) = Routes.read(TABLE).ways(
        text_to(VIETTEL, Purpose.RESULT), [Provider("esms"), Provider("kannel")]
    )
    assert first.cost(pieces(text_to(VIETTEL, words="a" * 161))) == Decimal(600)
    assert second.cost(1) == Decimal(350)
    assert first.cost(None) is None
    (free,) = Routes().ways(text_to(VIETTEL), [Provider("esms")])
    assert free.cost(2) is None


def test_a_chat_message_goes_by_its_network() -> None:
    zalo = Provider("zalo", ("zalo", Channel.CHAT))
    chat = Outgoing("k", Address("zalo", "7"), Channel.CHAT, Page("x"), Purpose.RESULT)
    (way,) = Routes.read(TABLE).ways(chat, [Provider(), zalo])
    assert (way.sender, way.cost(pieces(chat))) == (zalo, Decimal(200))


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("VN kannel 300", "rule 1: no ->"),
        ("VN -> kannel; -> esms", "rule 2: nothing before ->"),
        ("Vietnam -> kannel", "'Vietnam' is no country"),
        ("VN mobile -> kannel", "'mobile' is no country"),
        ("VN -> kannel cheap", "'cheap' is no price"),
        ("VN -> kannel -3", "'-3' is no price"),
        ("VN -> kannel NaN", "'NaN' is no price"),
        ("VN -> kannel, kannel", "named twice"),
        ("VN ->", "after -> stand providers"),
        ("VN -> kannel 300 400", "after -> stand providers"),
        ("zalo viettel -> zalo", "no operator"),
    ],
)
def test_a_table_that_cannot_be_read_says_which_rule_and_why(written: str, says: str) -> None:
    with pytest.raises(BadRoutes, match=says):
        Routes.read(written)


def test_operators_and_countries_are_read_from_the_number() -> None:
    assert operator_of(VIETTEL) == "viettel"
    assert operator_of(VINAPHONE) == "vinaphone"
    assert operator_of("+84871234567") == "itel"
    assert operator_of(THAI) is None
    assert operator_of("+842838123456") is None, "a landline"
    assert (country_of(VIETTEL), country_of(THAI), country_of("+999")) == ("VN", "TH", None)
