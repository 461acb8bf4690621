"""People in isolation are asked morning and evening; who gets worse or is silent is called."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from core.clock import VIETNAM
from core.gsm import segments, unaccent
from core.message import Address
from core.notices import alarm
from core.notices.alarm import Alarms
from core.outbox.numbers import RELINK
from core.people.check_ins import CAUSES, Case, Cause, Feeling
from core.people.stations import Hotlines, Stations
from core.platform.ports import Isolation
from core.store.check_ins import CHECK_IN, LANE
from core.store.upkeep import Upkeep
from sms.texts import SmsVoice
from tests.core.notices.conftest import STATION, Letter, Town
from tests.fakes import CHILD, MOTHER, PHONE

NOON = datetime(2026, 11, 23, 12, tzinfo=VIETNAM)


def isolated(town: Town, citizen: str = MOTHER.id) -> None:
    """A record of isolation from today, for two weeks."""
    today = town.at.astimezone(VIETNAM).date()
    town.platforms.isolated[citizen] = Isolation("isolation", today, today + timedelta(days=14))


def begins(town: Town, *, version: int = 1) -> None:
    isolated(town)
    town.happens("isolation", MOTHER.id, version, at=town.at)
    town.works()


def goes_on(town: Town, **span: float) -> None:
    """A worker looks every quarter of an hour."""
    then = town.at + timedelta(**span)
    while town.at < then:
        town.passes(minutes=15)
        town.works()
        town.news.catch_up()


def asked(town: Town) -> list[Letter]:
    return [letter for letter in town.letters() if letter.purpose == "checkin"]


def alarms(town: Town) -> list[Letter]:
    return [letter for letter in town.letters() if letter.purpose == "alarm"]


def answers(town: Town, feeling: Feeling, key: str | None = None) -> bool:
    """The mother says how she feels."""
    person = town.people.find(Address("phone", PHONE))
    (episode,) = town.check_ins.of(person.id)
    key = key or town.at.isoformat()
    return town.check_ins.answer(
        person.id, episode.id, feeling, author=MOTHER.id, key=key, at=town.at
    )


def told(cause: Cause, station: str = "told") -> float:
    labels = {"cause": cause, "station": station}
    return REGISTRY.get_sample_value("motcua_isolation_alarms_total", labels) or 0.0


@pytest.fixture(autouse=True)
def at_noon(town: Town) -> None:
    town.at = NOON
    town.links()


def test_who_is_isolated_is_asked_at_once_and_then_morning_and_evening(town: Town) -> None:
    begins(town)
    for _ in range(5):
        answers(town, "well")
        goes_on(town, hours=12)
    moments = [letter.not_before.astimezone(VIETNAM) for letter in asked(town)]
    assert [(one.day, one.hour) for one in moments] == [
        (23, 12), (23, 19), (24, 8), (24, 19), (25, 8), (25, 19),
    ]  # fmt: skip
    first = asked(town)[0]
    assert first.to == Address("phone", PHONE)
    assert first.text.endswith(
        "hom nay thay the nao? Xin tra loi 1 khoe, 2 co trieu chung nhe, 3 nang hoac kho tho."
    )
    assert len(segments(first.text)) == 1


@pytest.mark.parametrize(
    ("hour", "then"), [(6, (23, 8)), (16, (23, 16)), (20, (23, 20)), (22, (24, 8)), (23, (24, 8))]
)
def test_nobody_is_asked_in_their_sleep(town: Town, hour: int, then: tuple[int, int]) -> None:
    town.at = NOON.replace(hour=hour, minute=30)
    begins(town)
    goes_on(town, hours=14)
    moment = asked(town)[0].not_before.astimezone(VIETNAM)
    assert (moment.day, moment.hour) == then


def test_after_a_late_first_question_the_evening_is_left_out(town: Town) -> None:
    town.at = NOON.replace(hour=17)
    begins(town)
    goes_on(town, hours=18)
    moments = [letter.not_before.astimezone(VIETNAM) for letter in asked(town)]
    assert [(one.day, one.hour) for one in moments] == [(23, 17), (24, 8)]


def test_it_stops_when_isolation_ends(town: Town) -> None:
    begins(town)
    goes_on(town, hours=8)
    assert len(asked(town)) == 2
    del town.platforms.isolated[MOTHER.id]
    town.happens("isolation", MOTHER.id, 2, at=town.at)
    town.works()
    person = town.people.find(Address("phone", PHONE))
    assert town.check_ins.of(person.id) == ()
    assert town.check_ins.asked_at(person.id) is None
    goes_on(town, days=5)
    assert len(asked(town)) == 2
    assert alarms(town) == [], "whoever is free may be silent"


def test_isolation_that_begins_tomorrow_is_not_forgotten(town: Town) -> None:
    town.happens("isolation", MOTHER.id, 1, at=town.at)
    town.works()
    goes_on(town, hours=14)
    isolated(town)
    goes_on(town, hours=8)
    assert len(asked(town)) == 1


def test_treatment_and_another_record_of_the_same_isolation_ask_nobody(town: Town) -> None:
    begins(town)
    town.happens("isolation", MOTHER.id, 2, at=town.at + timedelta(seconds=1))
    town.works()
    assert len(asked(town)) == 1
    today = town.at.date()
    town.platforms.isolated[MOTHER.id] = Isolation("treatment", today, None)
    goes_on(town, days=1)
    assert len(asked(town)) == 1


def test_who_links_during_isolation_is_asked_at_the_next_round(town: Town) -> None:
    isolated(town)
    town.happens("isolation", MOTHER.id, None, at=town.at)
    town.works()
    goes_on(town, hours=6)
    assert asked(town) == []
    goes_on(town, hours=2)
    assert len(asked(town)) == 1


def test_who_links_and_is_not_isolated_is_not_looked_at_again(town: Town) -> None:
    town.happens("isolation", MOTHER.id, None, at=town.at)
    town.works()
    town.passes(days=1)
    assert town.news.catch_up() == 0


def test_a_carer_is_asked_about_the_child_and_a_chat_has_keys(town: Town) -> None:
    town.links(chat="77")
    isolated(town, CHILD.id)
    town.happens("isolation", CHILD.id, 1, CHILD, at=town.at)
    town.works()
    (letter,) = asked(town)
    assert letter.to == Address("telegram", "77")
    (episode,) = town.check_ins.of(town.people.find(Address("phone", PHONE)).id)
    (claimed,) = town.outbox.claim(1)
    assert claimed.outgoing.page.name == f"ci{episode.id}"
    assert [button.key for button in claimed.outgoing.page.buttons] == ["well", "mild", "severe"]


def test_silence_is_told_once(town: Town) -> None:
    before = told("silent")
    begins(town)
    goes_on(town, hours=11)
    assert alarms(town) == []
    with capture_logs() as logs:
        goes_on(town, days=3)
    (alarm,) = alarms(town)
    assert alarm.to == Address("phone", STATION)
    assert alarm.text.startswith(
        f"CACH LY: {unaccent(MOTHER.name)}, {PHONE}, khong tra loi tu 12:00"
    )
    assert told("silent") == before + 1
    (line,) = [one for one in logs if one["event"] == "isolation_alarm"]
    assert not any(word in str(line) for word in (PHONE, MOTHER.name, MOTHER.id))


def test_who_answers_is_not_silent(town: Town) -> None:
    begins(town)
    for _ in range(6):
        goes_on(town, hours=11)
        answers(town, "well")
    assert alarms(town) == []


@pytest.mark.parametrize(
    ("said", "causes"),
    [
        (["well", "well"], []),
        (["mild", "mild"], []),
        (["well", "mild"], ["worse"]),
        (["well", "mild", "well", "mild"], ["worse"]),
        (["severe", "severe", "well", "severe"], ["severe"]),
        (["well", "mild", "severe"], ["worse", "severe"]),
    ],
)
def test_worsening_is_told_once_each(town: Town, said: list[Feeling], causes: list[str]) -> None:
    begins(town)
    for feeling in said:
        town.passes(hours=1)
        answers(town, feeling)
    assert [letter.key.rpartition(":")[2] for letter in alarms(town)] == causes


def test_an_alarm_is_urgent_and_sent_at_any_hour(town: Town) -> None:
    begins(town)
    town.at = NOON.replace(hour=23)
    assert answers(town, "severe")
    (alarm,) = alarms(town)
    assert alarm.not_before == town.at
    assert "bao nang hoac kho tho luc 23:00 23/11" in alarm.text


def test_the_same_answer_again_changes_nothing(town: Town) -> None:
    begins(town)
    with ThreadPoolExecutor(4) as many:
        list(many.map(lambda _: answers(town, "severe", "key"), range(8)))
    assert len(alarms(town)) == 1
    assert [kept.call[CHECK_IN]["feeling"] for kept in town.deferred.claim(LANE, 9)] == ["severe"]


def test_an_answer_names_the_citizen_the_author_and_the_moment(town: Town) -> None:
    begins(town)
    answers(town, "mild")
    (kept,) = town.deferred.claim(LANE, 9)
    assert kept.call[CHECK_IN] == {
        "citizen_id": MOTHER.id,
        "author_id": MOTHER.id,
        "feeling": "mild",
        "authored": town.at.isoformat(),
    }


def test_nobody_answers_for_a_stranger(town: Town) -> None:
    begins(town)
    (episode,) = town.check_ins.of(town.people.find(Address("phone", PHONE)).id)
    stranger = town.people.find(Address("phone", "+84900000009"))
    assert not town.check_ins.answer(
        stranger.id, episode.id, "severe", author=None, key="k", at=town.at
    )
    assert alarms(town) == []
    assert town.deferred.claim(LANE, 9) == []


def test_where_no_station_is_known_it_is_counted_and_said_aloud(town: Town) -> None:
    before = told("severe", "unknown")
    nobody = Alarms(Stations.read("Khánh Hòa = 0905000002"), SmsVoice())
    town.alarms(nobody)
    begins(town)
    with capture_logs() as logs:
        assert not answers(town, "severe")
    assert alarms(town) == []
    assert told("severe", "unknown") == before + 1
    assert [one["log_level"] for one in logs if one["event"] == "isolation_alarm_tells_nobody"] == [
        "error"
    ]


def test_a_programme_chooses_what_stations_are_told(town: Town) -> None:
    few = Alarms(Stations.read(f"* = {STATION}"), SmsVoice(), frozenset({"severe"}))
    town.alarms(few)
    begins(town)
    answers(town, "well")
    answers(town, "mild", "2")
    goes_on(town, days=2)
    assert alarms(town) == []
    assert answers(town, "severe")
    assert len(alarms(town)) == 1


def test_two_workers_ask_once(town: Town) -> None:
    isolated(town)
    town.happens("isolation", MOTHER.id, 1, at=town.at)
    town.passes(minutes=1)
    with ThreadPoolExecutor(6) as many:
        list(many.map(lambda _: town.news.catch_up(), range(12)))
    assert len(asked(town)) == 1


def test_a_worker_that_dies_with_the_question_written_down_leaves_it_to_the_next(
    town: Town,
) -> None:
    isolated(town)
    town.happens("isolation", MOTHER.id, 1, at=town.at)
    assert town.events.claim("isolation", MOTHER.id) is not None
    town.passes(seconds=61)
    town.news.catch_up()
    assert len(asked(town)) == 1
    person = town.people.find(Address("phone", PHONE))
    assert town.check_ins.asked_at(person.id) == town.at


def test_who_wants_nothing_from_us_is_not_asked_and_nobody_is_alarmed(town: Town) -> None:
    town.people.refuse(town.people.find(Address("phone", PHONE)).id)
    begins(town)
    goes_on(town, days=2)
    assert town.letters() == []


def test_a_platform_that_is_down_is_asked_again(town: Town) -> None:
    town.platforms.mood = "down"
    begins(town)
    goes_on(town, hours=2)
    assert asked(town) == []
    town.platforms.mood = "well"
    goes_on(town, hours=1)
    assert len(asked(town)) == 1


def test_without_redis_memory_the_answer_is_still_heard(town: Town) -> None:
    begins(town)
    town.redis.flushdb()
    assert answers(town, "severe")


def test_what_is_over_is_forgotten(town: Town) -> None:
    begins(town)
    town.passes(days=8)
    assert Upkeep(town.database, town.clock).forget() >= 1
    assert town.check_ins.standing(MOTHER.id, NOON.date()) is None


def test_the_longest_name_fits_one_text(town: Town) -> None:
    case = Case("p", "W" * 80, "+84912345678", None, None, date(2026, 12, 30))
    letters = Alarms(Stations.read(f"* = {STATION}"), SmsVoice())
    for cause in CAUSES:
        letter = letters.letter("k", cause, case, town.at)
        assert letter is not None
        assert len(segments(letter.page.text)) == 1, alarm.words(cause, case, town.at)


@pytest.mark.parametrize(
    ("province", "ward", "number"),
    [
        ("Tỉnh Khánh Hòa", "Phường Nha Trang", "+84905000001"),
        ("Khánh Hòa", "nha trang", "+84905000001"),
        ("Khánh Hòa", "Phường Cam Ranh", "+84905000002"),
        ("Thành phố Huế", "Phường Nha Trang", "+84905000003"),
        (None, None, "+84905000003"),
    ],
)
def test_a_ward_comes_before_its_province(
    province: str | None, ward: str | None, number: str
) -> None:
    table = Stations.read(
        "Phường Nha Trang, Khánh Hòa = 0905000001; khanh hoa=0905 000 002; * = +84905000003"
    )
    assert table.of(province, ward) == number


@pytest.mark.parametrize("written", ["hỏi", "1" * 21, "* = ", "Huế = hỏi", "115;116"])
def test_a_hotline_is_a_number_that_fits_a_text(written: str) -> None:
    with pytest.raises(ValueError, match=r"^entry [12]"):
        Hotlines.read(written)


@pytest.mark.parametrize("written", ["Khánh Hòa", "= 0905000001", "Khánh Hòa = 12"])
def test_a_table_that_cannot_be_read_says_where_and_not_whom(written: str) -> None:
    with pytest.raises(ValueError, match=r"^entry 2") as error:
        Stations.read(f"* = 0905000009; {written}")
    assert "0905" not in str(error.value)


def test_who_was_only_asked_to_link_again_was_not_asked_and_is_not_silent(town: Town) -> None:
    town.passes(days=366)
    begins(town)
    goes_on(town, days=3)
    (letter,) = town.letters()
    assert letter.key.startswith(RELINK), "one a month, and no question"
    assert alarms(town) == [], "nobody is called for not answering what they were never asked"
    assert town.check_ins.standing(MOTHER.id, (NOON + timedelta(days=366)).date()) is None
