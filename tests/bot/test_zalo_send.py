"""Pages on their way to Zalo, over a real socket, to a stand-in that enforces the rules."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.zalo_errors import ACCOUNT, BY_PHONE, seconds_to_morning
from bot.zalo_line import proof
from bot.zalo_send import Templates, ZaloSender
from core.errors import SendError, SendLater, SendNever
from core.message import Address, Button, Channel, Page, Qr
from core.outbox.budget import OwnBudget, Rate
from core.outbox.outgoing import Lane, Purpose
from tests.bot.zalo_house import ZaloHouse, to, zalo_house
from tests.gateway.network import eventually
from tests.peers import zalo as peer_module
from tests.peers.zalo import BY_PHONE as PHONE_PATH
from tests.peers.zalo import CS, TEMPLATE, ZaloPeer
from tests.peers.zalo_events import LINH
from tests.peers.zalo_http import Trouble
from tests.peers.zalo_rules import Template

PAYLOAD = "001090012345|NGUYEN VAN AN|1990-01-18|0|162979388586171100|<1<DN4797912345678<0912345678"
MENU = (Button("qr", "1. Mã QR"), Button("status", "2. Tình trạng"), Button("menu", "☰ Menu"))
RESULT = Page("Đã có kết quả xét nghiệm của NGUYEN T** H**. Xin trả lời KQ để xem.")


@pytest.fixture
def house() -> Iterator[ZaloHouse]:
    with zalo_house() as made:
        yield made


@pytest.fixture
def sender(house: ZaloHouse) -> ZaloSender:
    return house.sender()


def test_says_what_it_carries(sender: ZaloSender) -> None:
    assert sender.provider == "zalo"
    assert ("zalo", Channel.CHAT) in sender.serves


# Consultation messages


def test_a_text_with_buttons(house: ZaloHouse, sender: ZaloSender) -> None:
    linh = house.linh()
    sent = sender.send(to(LINH, Page("Quý vị muốn gì?", MENU, name="1f")))
    assert sent.provider_ref == linh.last.id
    assert linh.last.text == "Quý vị muốn gì?"
    assert linh.last.buttons == {
        "1. Mã QR": "#mc:1f:qr",
        "2. Tình trạng": "#mc:1f:status",
        "☰ Menu": "#mc:1f:menu",
    }
    (call,) = house.peer.called(CS)
    buttons = call.content["message"]["attachment"]["payload"]["buttons"]
    assert {button["type"] for button in buttons} == {"oa.query.hide"}
    assert "authorization" not in call.headers


def test_a_text_without_buttons(house: ZaloHouse, sender: ZaloSender) -> None:
    linh = house.linh()
    sender.send(to(LINH, Page("Xong.")))
    assert (linh.last.text, linh.last.buttons) == ("Xong.", {})


def test_the_qr_is_an_image_that_zalo_fetches_and_a_scanner_reads(
    house: ZaloHouse, sender: ZaloSender
) -> None:
    linh = house.linh()
    page = Page("Mã QR của NGUYỄN VĂN AN\nMã ngắn: 1234", (MENU[2],), Qr(PAYLOAD, "1"), name="2")
    sender.send(to(LINH, page))
    picture, text = linh.messages
    assert picture.qr == PAYLOAD
    assert picture.text == "Mã QR của NGUYỄN VĂN AN"
    assert text.text == page.text
    assert text.buttons == {"☰ Menu": "#mc:2:menu"}
    assert len(house.pictures.fetched) == 1


def test_where_pictures_may_not_leave_the_house_the_short_code_does(house: ZaloHouse) -> None:
    linh = house.linh()
    house.sender(pictures=None).send(to(LINH, Page("Mã ngắn: 1234", qr=Qr(PAYLOAD, "1"))))
    assert [message.image for message in linh.messages] == [None]


def test_an_endless_text_comes_in_several_messages(house: ZaloHouse, sender: ZaloSender) -> None:
    linh = house.linh()
    said = "Một câu khá dài về sức khỏe. " * 150
    sender.send(to(LINH, Page(said, MENU, name="4")))
    assert len(linh.messages) == 3
    assert " ".join(sent.text for sent in linh.messages) == said.strip()
    assert [bool(sent.buttons) for sent in linh.messages] == [False, False, True]


def test_letters_are_composed_before_they_are_counted(house: ZaloHouse, sender: ZaloSender) -> None:
    linh = house.linh()
    sender.send(to(LINH, Page("e\u0302\u0301" * 1500)))
    assert linh.last.text == "ế" * 1500


def test_what_failed_half_way_goes_on_where_it_stopped(
    house: ZaloHouse, sender: ZaloSender
) -> None:
    linh = house.linh()
    page = Page("Một câu khá dài về sức khỏe. " * 100)
    house.peer.will_answer(CS, None, Trouble(-200))
    with pytest.raises(SendLater):
        sender.send(to(LINH, page, key="same"))
    sender.send(to(LINH, page, key="same"))
    assert len(linh.messages) == 2
    assert " ".join(sent.text for sent in linh.messages) == page.text.strip()


@pytest.mark.parametrize(
    "page",
    [
        Page("?", tuple(Button(str(number), "Món") for number in range(6))),
        Page("?", (Button("a", "x" * 101),)),
        Page("?", (Button("a", ""),)),
    ],
)
def test_buttons_that_zalo_does_not_show_are_not_dropped(
    house: ZaloHouse, sender: ZaloSender, page: Page
) -> None:
    linh = house.linh()
    with pytest.raises(SendNever):
        sender.send(to(LINH, page))
    assert linh.messages == []


# Whether it arrived


@pytest.mark.parametrize(
    ("trouble", "unsure"),
    [
        (Trouble(delay=4.0, done_first=True), True),
        (Trouble(status=502, body=b"<html>", done_first=True), True),
        (Trouble(body=b"{", done_first=True), True),
        (Trouble(status=503, body=b"", headers={"Retry-After": "7"}), False),
        (Trouble(-200), False),
    ],
)
def test_who_was_not_answered_knows_that_it_may_have_arrived(
    house: ZaloHouse, trouble: Trouble, unsure: bool
) -> None:
    linh = house.linh()
    house.peer.will_answer(CS, trouble)
    sender = house.sender(line=replace(house.line, seconds=1.0))
    with pytest.raises(SendLater) as later:
        sender.send(to(LINH, Page("Chào")))
    assert later.value.unsure is unsure
    eventually(lambda: len(linh.messages) == int(trouble.done_first))


def test_where_nobody_takes_the_call_it_has_surely_not_arrived(house: ZaloHouse) -> None:
    house.linh()
    with ZaloPeer(house.clock) as gone:
        sender = house.sender(line=replace(house.line, api=gone.url))
    with pytest.raises(SendLater) as nobody:
        sender.send(to(LINH, Page("Chào")))
    assert not nobody.value.unsure


# Windows and templates


def test_within_seven_days_it_is_written_for_money(house: ZaloHouse, sender: ZaloSender) -> None:
    linh = house.linh()
    house.clock.passes(days=3)
    sender.send(to(LINH, RESULT, purpose=Purpose.RESULT))
    assert linh.last.paid


def test_where_nothing_may_be_paid_the_window_is_two_days(house: ZaloHouse) -> None:
    house.linh()
    house.clock.passes(days=3)
    sender = house.sender(window=timedelta(days=2))
    with pytest.raises(SendNever, match="too long"):
        sender.send(to(LINH, RESULT, purpose=Purpose.RESULT))
    assert house.peer.called(CS) == []


def test_after_seven_days_it_goes_another_way_without_asking_zalo(
    house: ZaloHouse, sender: ZaloSender
) -> None:
    house.linh()
    house.clock.passes(days=7, seconds=1)
    with pytest.raises(SendNever, match="too long") as never:
        sender.send(to(LINH, RESULT, purpose=Purpose.RESULT))
    assert not never.value.opted_out
    assert house.peer.called(CS) == []


@pytest.mark.parametrize(("span", "code"), [({"days": 8}, "-230"), ({}, "-232")])
def test_what_we_do_not_remember_zalo_tells_once(
    house: ZaloHouse, sender: ZaloSender, span: dict[str, float], code: str
) -> None:
    linh = house.peer.person(LINH)
    linh.acted_at = house.clock() if span else None
    house.clock.passes(**span)
    with pytest.raises(SendNever, match=code):
        sender.send(to(LINH, RESULT, purpose=Purpose.RESULT))
    with pytest.raises(SendNever, match="too long"):
        sender.send(to(LINH, RESULT, purpose=Purpose.RESULT))
    assert len(house.peer.called(CS)) == 1
    house.windows.heard(Address("zalo", LINH))
    house.peer.acts(LINH)
    sender.send(to(LINH, RESULT))
    assert linh.last.text == RESULT.text


def templates(house: ZaloHouse, *, to_accounts: bool = True, longest: int = 200) -> ZaloSender:
    house.peer.templates["t1"] = Template("t1", {"noi_dung": longest}, to_accounts)
    house.peer.templates["t2"] = Template("t2", {"noi_dung": longest})
    return house.sender(
        templates=Templates({"result": "t1"}, {"result": "t2", "reminder": "t2"}, "noi_dung"),
        phone_of=lambda address: "+84912345678" if address.value == LINH else None,
    )


def test_outside_the_window_a_template_goes_to_the_account(house: ZaloHouse) -> None:
    linh = house.linh()
    house.clock.passes(days=8)
    sent = templates(house).send(to(LINH, RESULT, purpose=Purpose.RESULT))
    assert (linh.last.template, linh.last.text) == ("t1", RESULT.text)
    assert sent.provider_ref == linh.last.id


def test_a_template_that_cannot_go_to_accounts_goes_to_the_number(house: ZaloHouse) -> None:
    linh = house.linh(phone="+84912345678")
    house.clock.passes(days=8)
    outgoing = to(LINH, RESULT, purpose=Purpose.RESULT)
    sent = templates(house, to_accounts=False).send(outgoing)
    assert (linh.last.template, sent.provider_ref) == ("t2", linh.last.id)
    (call,) = house.peer.called(PHONE_PATH)
    assert call.content["tracking_id"] == outgoing.id
    assert call.content["phone"] == "84912345678"


def test_a_purpose_without_a_template_for_accounts_goes_to_the_number(house: ZaloHouse) -> None:
    linh = house.linh(phone="+84912345678")
    house.clock.passes(days=8)
    templates(house).send(to(LINH, RESULT, purpose=Purpose.REMINDER))
    assert linh.last.template == "t2"
    assert house.peer.called(TEMPLATE) == []


@pytest.mark.parametrize(
    ("purpose", "text"),
    [(Purpose.TICKET, "Phiếu của quý vị."), (Purpose.RESULT, "Dài. " * 50)],
)
def test_what_no_template_holds_goes_another_way(
    house: ZaloHouse, purpose: Purpose, text: str
) -> None:
    linh = house.linh(phone="+84912345678")
    house.clock.passes(days=8)
    with pytest.raises(SendNever, match="too long"):
        templates(house).send(to(LINH, Page(text), purpose=purpose))
    assert linh.messages == []


def test_who_has_no_zalo_by_that_number_is_reached_another_way(house: ZaloHouse) -> None:
    house.linh(phone="+84987654321")
    house.clock.passes(days=8)
    with pytest.raises(SendNever, match="-118"):
        templates(house, to_accounts=False).send(to(LINH, RESULT, purpose=Purpose.RESULT))


def test_a_template_by_number_waits_for_the_morning(house: ZaloHouse) -> None:
    house.linh(phone="+84912345678")
    house.clock.passes(days=8, hours=13)  # 23:00 in Viet Nam
    with pytest.raises(SendLater, match="-133") as later:
        templates(house, to_accounts=False).send(to(LINH, RESULT, purpose=Purpose.RESULT))
    assert later.value.after == 7 * 3600
    assert later.value.one_address


def test_the_quota_of_the_day_is_waited_for(house: ZaloHouse) -> None:
    house.linh(phone="+84912345678")
    house.peer.by_phone_quota = 0
    house.clock.passes(days=8)
    with pytest.raises(SendLater, match="-144") as later:
        templates(house, to_accounts=False).send(to(LINH, RESULT, purpose=Purpose.RESULT))
    assert later.value.after == 3600


def test_the_morning_is_viet_nams(house: ZaloHouse) -> None:
    at = house.clock.at
    hours = [seconds_to_morning(at.replace(hour=hour)) / 3600 for hour in (15, 22, 23, 2)]
    assert hours == [8, 1, 24, 21]


# Every code


DECISIONS = {
    "renew": (SendLater, False),
    "slow down": (SendLater, False),
    "later": (SendLater, False),
    "quota": (SendLater, True),
    "morning": (SendLater, True),
    "another way": (SendNever, None),
    "by phone": (SendNever, None),
    "never": (SendNever, None),
    "alarm": (SendLater, False),
}


@pytest.mark.parametrize("code", sorted({*ACCOUNT, -999}))
def test_every_code_is_a_decision(
    house: ZaloHouse, sender: ZaloSender, code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    house.linh()
    house.clock.passes(minutes=2)
    house.peer.will_answer(CS, Trouble(code), Trouble(code))
    with pytest.raises(SendError) as refused:
        sender.send(to(LINH, Page("Chào")))
    decision = ACCOUNT[code].decision if code in ACCOUNT else "later"
    kind, one_address = DECISIONS[decision]
    assert type(refused.value) is kind
    assert refused.value.words.startswith(str(code))
    assert getattr(refused.value, "one_address", None) == one_address
    assert len(house.peer.called(CS)) == (2 if decision == "renew" else 1)
    needs_operator = "zalo_needs_operator" in capsys.readouterr().out
    assert needs_operator == (decision in ("alarm", "renew"))


@pytest.mark.parametrize("code", sorted(BY_PHONE))
def test_every_code_of_templates_by_number_is_a_decision(house: ZaloHouse, code: int) -> None:
    house.linh(phone="+84912345678")
    house.clock.passes(days=8)
    house.tokens.token()
    house.clock.passes(minutes=2)
    house.peer.will_answer(PHONE_PATH, Trouble(code), Trouble(code))
    with pytest.raises(SendError) as refused:
        templates(house).send(to(LINH, RESULT, purpose=Purpose.REMINDER))
    assert type(refused.value) is DECISIONS[BY_PHONE[code].decision][0]
    assert refused.value.words.startswith(str(code))


@pytest.mark.parametrize(
    ("trouble", "words", "after"),
    [
        (Trouble(status=502, body=b"<html>"), "HTTP 502", None),
        (Trouble(status=429, body=b"", headers={"Retry-After": "7"}), "HTTP 429", 7.0),
        (Trouble(body=b"<html>Nguyen Van An"), "no sense", None),
        (Trouble(body=b'{"data": {}}'), "no sense", None),
        (Trouble(body=b'{"error": "0"}'), "no sense", None),
        (Trouble(body=b"[]"), "no sense", None),
    ],
)
def test_what_makes_no_sense_is_tried_again(
    house: ZaloHouse, sender: ZaloSender, trouble: Trouble, words: str, after: float | None
) -> None:
    house.linh()
    house.peer.will_answer(CS, trouble)
    with pytest.raises(SendLater) as later:
        sender.send(to(LINH, Page("Chào")))
    assert (later.value.words, later.value.after) == (words, after)


def test_nobody_there_is_tried_again(house: ZaloHouse, sender: ZaloSender) -> None:
    house.linh()
    house.peer.close()
    with pytest.raises(SendLater):
        sender.send(to(LINH, Page("Chào")))


# What all workers share


def test_a_limit_by_the_minute_makes_everybody_wait(house: ZaloHouse) -> None:
    time = [100.0]
    budget = OwnBudget(Rate(100, 100), Rate(100, 100), tick=lambda: time[0])
    one, other = house.sender(budget=budget), house.sender(budget=budget)
    house.linh()
    house.peer.per_minute = 1
    one.send(to(LINH, Page("1")))
    with pytest.raises(SendLater, match="-32") as later:
        one.send(to(LINH, Page("2")))
    assert (later.value.after, later.value.one_address) == (30.0, False)
    calls = len(house.peer.calls)
    with pytest.raises(SendLater, match="our own rate"):
        other.send(to("somebody-else", Page("3")))
    assert len(house.peer.calls) == calls
    time[0] += 30
    house.clock.passes(minutes=1)
    other.send(to(LINH, Page("4")))


def test_the_budget_is_kept_without_asking(house: ZaloHouse) -> None:
    house.linh()
    naps: list[float] = []
    time = [100.0]

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        time[0] += seconds

    budget = OwnBudget(Rate(1, 1), Rate(10, 10), tick=lambda: time[0])
    sender = house.sender(budget=budget, sleep=sleep)
    sender.send(to(LINH, Page("1")))
    sender.send(to(LINH, Page("2")))
    assert naps == [pytest.approx(1.0)]


def test_what_goes_to_many_leaves_room_for_whoever_is_in_a_hurry(house: ZaloHouse) -> None:
    house.linh()
    budget = OwnBudget(Rate(0.01, 4), Rate(100, 100), tick=lambda: 100.0)
    sender = house.sender(budget=budget)
    to_many = replace(to(LINH, Page("Mời tiêm")), lane=Lane.BULK)
    for _ in range(2):
        sender.send(to_many)
    with pytest.raises(SendLater, match="our own rate"):
        sender.send(to_many)
    sender.send(replace(to(LINH, Page("Câu trả lời")), lane=Lane.URGENT))


# Proof and secrecy


def test_the_token_is_proven_where_that_is_wanted(house: ZaloHouse) -> None:
    assert proof("appSecretKey", "accessToken") == (
        "0584869ec908cfecf20763760e69c4baca98ac64aaeb6a938f47ca758dfe779f"
    )
    house.linh()
    house.sender().send(to(LINH, Page("1")))
    assert "appsecret_proof" not in house.peer.called(CS)[0].headers


def test_no_log_line_holds_a_token_a_person_or_a_message(
    house: ZaloHouse,
    sender: ZaloSender,
    caplog: pytest.LogCaptureFixture,
    capsys: pytest.CaptureFixture[str],
) -> None:
    house.linh()
    token = next(iter(house.peer.access))
    with caplog.at_level(logging.DEBUG):
        sender.send(to(LINH, Page("Kết quả âm tính", qr=Qr(PAYLOAD, "1"))))
        for trouble in (Trouble(-209), Trouble(body=b"not JSON: Nguyen Van An"), Trouble(-220)):
            house.peer.will_answer(CS, trouble, trouble)
            with pytest.raises(SendError) as refused:
                sender.send(to(LINH, Page("Kết quả âm tính")))
            house.peer.troubles.clear()
            assert "Nguyen" not in str(refused.value)
    everything = caplog.text + "".join(capsys.readouterr())
    assert "zalo_needs_operator" in everything
    for secret in (token, LINH, "âm tính", "Nguyen Van An", PAYLOAD, peer_module.APP_SECRET):
        assert secret not in everything
