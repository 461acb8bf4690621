"""Texts over SMPP: a message centre, a real Kannel and a gateway that runs, on good days and on bad ones."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import pytest
from sqlalchemy import select

from core.gsm import segments
from core.outbox.outgoing import Status
from core.store.tables import outgoing, receipt
from tests.peers.processes import until
from tests.peers.sms.centre import GSM7, SHORT_NUMBER, UCS2, Arrived
from tests.peers.sms.line import PATH_SECRET, Line, running_line

pytestmark = pytest.mark.peers

INVALID_DESTINATION = 0x0B
"""An SMPP status."""
ACCENTED = (
    "Kết quả xét nghiệm của bạn đã có: âm tính. Giấy có giá trị đến 14:30 ngày 30/12/2026. "
    "Trả lời QR để nhận mã."
)


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    with running_line(tmp_path_factory.mktemp("sms")) as line:
        yield line


@pytest.fixture(autouse=True)
def _well(line: Line) -> None:
    line.centre.receipts("once")
    until(line.is_up, "the link is not up")


def reports(line: Line, message: str) -> Sequence[str]:
    """What the centre reported about a message, in the order in which it came."""
    with line.house.database.begin() as connection:
        query = select(receipt.c.status).where(receipt.c.outgoing_id == message)
        return list(connection.scalars(query.order_by(receipt.c.id)))


def words(line: Line, message: str) -> str:
    """Why it failed."""
    with line.house.database.begin() as connection:
        query = select(outgoing.c.words).where(outgoing.c.id == message)
        return str(connection.execute(query).scalar_one())


def each_once(line: Line, texts: dict[str, str]) -> None:
    """Every telephone has received its own text, and nothing else."""
    for phone, text in texts.items():
        assert line.centre.answer(phone) == text
    assert {phone: len(line.centre.arrived(phone)) for phone in texts} == dict.fromkeys(texts, 1)


# Words of every kind


@pytest.mark.parametrize(
    ("phone", "text"),
    [
        ("+84912500001", "Ket qua xet nghiem da co."),
        ("+84912500002", "Kết quả xét nghiệm đã có."),
        ("+84912500003", ACCENTED),
        ("+84912500004", "Đặng Thị 😀 " * 20),
        ("+84912500005", "{Ket qua} [1|2] ~ €"),
        ("+84912500006", "a" * 152 + "{" + "a" * 152),
        ("+84912500007", "Ket qua " * 50 + "."),
    ],
)
def test_a_text_arrives_whole_in_the_parts_that_are_paid(line: Line, phone: str, text: str) -> None:
    message = line.sends(phone, text)
    assert line.centre.answer(phone) == text
    (arrived,) = line.centre.arrived(phone)
    assert arrived.sender == SHORT_NUMBER
    assert arrived.parts == len(segments(text))
    line.becomes(message, Status.DELIVERED)


def test_kannel_parts_the_halves_of_an_emoji_which_the_telephone_joins_again(line: Line) -> None:
    """Ours would not be parted: the price that we note is the higher one."""
    text = "đ" * 66 + "😀" + "đ" * 66
    line.sends("+84912000001", text)
    assert line.centre.answer("+84912000001") == text
    (arrived,) = line.centre.arrived("+84912000001")
    assert (arrived.parts, len(segments(text))) == (2, 3)


def test_two_parts_with_accents_arrive_as_one_and_their_receipt_settles_them(line: Line) -> None:
    phone = "+84912000002"
    message = line.sends(phone, ACCENTED)
    line.becomes(message, Status.DELIVERED)
    assert line.centre.arrived(phone) == [Arrived(SHORT_NUMBER, UCS2, ACCENTED, 2)]


@pytest.mark.parametrize(
    ("phone", "said"),
    [
        ("+84912000011", "Tro giup {1|2}"),
        ("+84912000012", "Trợ giúp"),
        ("+84912000013", "Trợ giúp, tôi chưa hiểu phải nhắn gì cho tổng đài, nhờ chỉ giúp 😀 " * 2),
    ],
)
def test_what_people_text_is_stored_as_they_wrote_it_and_answered(
    line: Line, phone: str, said: str
) -> None:
    line.centre.brings(phone, said)
    assert line.centre.answer(phone)
    assert line.heard(phone) == [said]
    (arrived,) = line.centre.arrived(phone)
    assert arrived.coding == GSM7


# Bad days


def test_a_centre_that_wants_it_slower_gets_everything_in_the_end(line: Line) -> None:
    before = line.centre.throttled()
    line.centre.throttles(12)
    texts = {f"+849121000{one:02d}": f"Ket qua so {one}" for one in range(20)}
    sent = [line.sends(phone, text) for phone, text in texts.items()]
    for message in sent:
        line.becomes(message, Status.DELIVERED)
    assert line.centre.throttled() == before + 12
    each_once(line, texts)


def test_what_waits_for_a_centre_that_died_goes_out_once_when_it_is_back(line: Line) -> None:
    line.centre.dies()
    until(lambda: "online" not in line.kannel.status(), "Kannel did not notice")
    texts = {f"+849122000{one:02d}": f"{ACCENTED} ({one})" for one in range(20)}
    sent = [line.sends(phone, text) for phone, text in texts.items()]
    for message in sent:
        line.becomes(message, Status.SENT)
    line.centre.starts()
    for message in sent:
        line.becomes(message, Status.DELIVERED)
    each_once(line, texts)


def test_a_kannel_that_is_killed_forgets_neither_texts_nor_receipts(line: Line) -> None:
    line.centre.receipts("held")
    waits_for_its_receipt = line.sends("+84912300099", ACCENTED)
    assert line.centre.answer("+84912300099") == ACCENTED
    line.becomes(waits_for_its_receipt, Status.SENT)
    line.kannel.loses_its_bearerbox()
    until(line.is_up, "the link is not up again")
    line.centre.releases()
    line.becomes(waits_for_its_receipt, Status.DELIVERED)

    line.centre.dies()
    until(lambda: "online" not in line.kannel.status(), "Kannel did not notice")
    texts = {f"+849123000{one:02d}": f"Ket qua so {one}" for one in range(10)}
    sent = [line.sends(phone, text) for phone, text in texts.items()]
    for message in sent:
        line.becomes(message, Status.SENT)
    line.kannel.loses_its_bearerbox()
    line.centre.starts()
    for message in sent:
        line.becomes(message, Status.DELIVERED)
    each_once(line, texts)


def test_a_receipt_that_comes_twice_settles_once(line: Line) -> None:
    line.centre.receipts("twice")
    before = line.centre.reported()
    message = line.sends("+84912000021", ACCENTED)
    line.becomes(message, Status.DELIVERED)
    until(lambda: line.centre.reported() == before + 2, "the second one did not come")
    time.sleep(1)
    assert sorted(reports(line, message)) == ["delivered", "sent"]
    assert line.house.outbox.status(message) is Status.DELIVERED


def test_a_receipt_that_comes_late_settles_all_the_same(line: Line) -> None:
    line.centre.receipts("held")
    message = line.sends("+84912000022", ACCENTED)
    assert line.centre.answer("+84912000022") == ACCENTED
    line.becomes(message, Status.SENT)
    later = line.sends("+84912000022", "Ket qua")
    assert line.centre.answer("+84912000022", 2) == "Ket qua"
    assert line.house.outbox.status(message) is Status.SENT
    line.centre.releases()
    line.becomes(message, Status.DELIVERED)
    line.becomes(later, Status.DELIVERED)


def test_a_telephone_that_is_never_reached_fails_in_the_networks_words(line: Line) -> None:
    line.centre.receipts("failed")
    message = line.sends("+84912000023", "Ket qua")
    line.becomes(message, Status.FAILED)
    assert words(line, message) == "stat:UNDELIV err:027"


def test_a_number_that_the_centre_refuses_fails_and_is_not_tried_for_ever(line: Line) -> None:
    line.centre.refuses("+84912000024", INVALID_DESTINATION)
    message = line.sends("+84912000024", "Ket qua")
    line.becomes(message, Status.FAILED)
    assert line.centre.arrived("+84912000024") == []


def test_kannel_writes_down_nothing_personal(line: Line) -> None:
    """The last one here: what all the others left in the logs."""
    phone = "+84912000031"
    line.centre.brings(phone, "079190099999")
    assert line.centre.answer(phone)
    logs = {path.name: path.read_text(errors="replace") for path in line.directory.glob("*.log")}
    assert {"bearerbox.log", "smsbox.log", "gateway.log"} <= logs.keys()
    for name, written in logs.items():
        for hidden in (phone[1:], "079190099999", PATH_SECRET):
            assert hidden not in written, name
