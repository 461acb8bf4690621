"""What a text about a result says, and who hears that it was put right."""

from __future__ import annotations

from dataclasses import replace

from core.gsm import segments
from core.message import Address, Channel
from core.notices.notice import Policy
from core.people.stations import Hotlines
from tests.core.notices.conftest import Town
from tests.fakes import FATHER, MOTHER, PHONE

READY = "Da co ket qua xet nghiem cua Nguyen T** H** P** K** N** Q**. Xin tra loi KQ de xem."


def test_whoever_got_the_first_gets_the_correction_on_the_same_network(town: Town) -> None:
    town.links()
    town.result()
    town.happens(version=1)
    town.works()
    town.links(chat="77")
    town.passes(days=30)
    town.result(status="corrected", value="detected")
    town.happens(version=2)
    town.works()
    first, second = town.letters()
    assert second.to == first.to == Address("phone", PHONE)
    assert "duoc dinh chinh" in second.text


def test_a_correction_stays_in_the_chat_though_the_person_texted_since(town: Town) -> None:
    town.links(chat="77")
    town.result()
    town.happens(version=1)
    town.works()
    town.passes(hours=1)
    town.people.find(Address("phone", PHONE))
    town.result(status="corrected", value="detected")
    town.happens(version=2)
    town.works()
    assert [letter.to for letter in town.letters()] == [Address("telegram", "77")] * 2


def test_where_the_chat_did_not_take_the_first_the_correction_is_a_text_as_well(town: Town) -> None:
    town.links(chat="77")
    town.result()
    town.happens(version=1)
    town.works()
    (claimed,) = town.outbox.claim(1)
    text = replace(claimed.outgoing, address=Address("phone", PHONE), channel=Channel.SMS)
    town.outbox.redirect(claimed, text, "the chat is closed")
    town.result(status="corrected", value="detected")
    town.happens(version=2)
    town.works()
    assert [letter.to for letter in town.letters()] == [Address("phone", PHONE)] * 2


def test_the_correction_reaches_also_who_is_no_longer_linked(town: Town) -> None:
    person = town.links()
    town.result()
    town.happens(version=1)
    town.works()
    town.people.unlink(person.id)
    town.platforms.results_of[MOTHER.id] = ()
    town.happens(version=2)
    town.works()
    assert len(town.letters()) == 2, "withdrawn altogether"


def test_a_result_that_turns_out_to_be_anothers_is_shown_to_nobody_who_got_the_first(
    town: Town,
) -> None:
    town.decides(Policy("whole"))
    town.links()
    town.links(FATHER, phone=FATHER.phones[0])
    town.result(value="not-detected")
    town.happens(version=1)
    town.works()
    del town.platforms.results_of[MOTHER.id]
    town.result(FATHER, value="detected", status="corrected")
    town.happens(version=2, citizen=FATHER)
    town.works()
    _, *others = town.letters()
    to = {letter.to.value: letter.text for letter in others}
    assert to.keys() == {PHONE, FATHER.phones[0]}
    assert "DUONG TINH" in to[FATHER.phones[0]]
    assert "khong con gia tri" in to[PHONE], "what she was told does not hold"
    assert FATHER.name.split()[0] not in to[PHONE].title()
    assert "DUONG TINH" not in to[PHONE]


def test_a_first_one_that_still_waits_is_not_sent_after_its_correction(town: Town) -> None:
    town.decides(Policy("whole"))
    town.links()
    town.result(value="not-detected")
    town.happens(version=1)
    town.works()
    (claimed,) = town.outbox.claim(1)
    town.result(value="detected", status="corrected")
    town.happens(version=2)
    town.works()
    town.outbox.later(claimed, town.at, "HTTP 503", counted=True)
    assert [one.outgoing.page.text for one in town.outbox.claim(9)] == [town.texts()[1]]


def test_corrected_and_corrected_back_is_told_each_time(town: Town) -> None:
    town.links()
    for version, value in enumerate(("not-detected", "detected", "not-detected", "detected"), 1):
        town.result(status="final" if version == 1 else "corrected", value=value)
        town.happens(version=version)
        town.works()
    assert len(town.letters()) == 4


def test_a_search_that_lags_behind_hides_no_result(town: Town) -> None:
    town.links()
    town.happens(at=town.at)
    town.works()
    town.passes(seconds=61)
    town.result()
    assert town.news.catch_up() == 1
    assert town.texts() == [READY]
    town.passes(seconds=30)
    town.happens(version=2, at=town.at)
    town.works()
    town.result(value="detected", status="corrected")
    town.passes(seconds=61)
    assert town.news.catch_up() == 1
    assert len(town.letters()) == 2, "nor a correction"
    town.works()
    town.passes(hours=1)
    assert town.news.catch_up() == 0, "one look more, and no other"


def test_a_programme_may_have_the_result_itself_in_the_text(town: Town) -> None:
    town.decides(Policy("whole", Hotlines.read("0258 382 2222")))
    town.links()
    town.result()
    town.happens()
    town.works()
    town.result(value="detected", status="corrected")
    town.happens(version=2)
    town.works()
    town.platforms.results_of[MOTHER.id] = ()
    town.happens(version=3)
    town.works()
    first, corrected, withdrawn = town.texts()
    assert first.startswith("Nguyen T** H**")
    assert first.endswith("am tinh.")
    assert corrected.startswith("Dinh chinh. Nguyen T**")
    assert "DUONG TINH" in corrected
    assert "goi 0258 382 2222" in corrected
    assert "nham lan" in withdrawn
    for said in town.texts():
        assert len(segments(said)) == 1


def test_after_a_positive_one_the_wards_own_hotline_is_named(town: Town) -> None:
    lines = "Phường 1, Khánh Hòa = 0258 1111; Khánh Hòa = 0258 2222; * = 1900 3333"
    town.decides(Policy("whole", Hotlines.read(lines)))
    town.links()
    places = (("Tỉnh Khánh Hòa", "Phường 1"), ("Khánh Hòa", None), ("Huế", "Phường 1"))
    for number, (province, ward) in enumerate(places):
        here = replace(MOTHER, province=province, ward=ward)
        town.platforms.people = [
            here if one.id == MOTHER.id else one for one in town.platforms.people
        ]
        town.result(value="detected", id=f"obs-{number}")
        town.happens(thing=f"obs-{number}")
        town.works()
    named = [text.rpartition("goi ")[2] for text in town.texts()]
    assert named == ["0258 1111.", "0258 2222.", "1900 3333."]


def test_a_person_may_want_no_result_in_a_text(town: Town) -> None:
    town.decides(Policy("whole"))
    person = town.links()
    town.people.wish(person.id, discreet=True)
    town.result(value="detected")
    town.happens(version=1)
    town.works()
    town.result(value="not-detected", status="corrected")
    town.happens(version=2)
    town.works()
    town.people.wish(person.id, discreet=False)
    town.result(value="detected", status="corrected")
    town.happens(version=3)
    town.works()
    ready, corrected, whole = town.texts()
    assert ready == READY
    assert "duoc dinh chinh" in corrected
    assert "DUONG TINH" in whole


def test_who_was_asked_to_link_again_hears_the_result_as_news_when_it_is_looked_at_again(
    town: Town,
) -> None:
    town.links()
    town.passes(days=366)
    town.result(value="detected")
    town.happens(version=1)
    town.works()
    town.links()
    town.result(value="not-detected", status="corrected")
    town.happens(version=2)
    town.works()
    asked, told = town.texts()
    assert "LK" in asked
    assert told == READY, "nobody was told of a first one, so nothing is put right"
