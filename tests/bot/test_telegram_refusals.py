"""What Telegram refuses and how the line holds: every error a decision, no secret in any log."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.budget import ONE_CHAT, OVERALL
from bot.notes import OwnNotes
from bot.telegram_line import TelegramLine
from bot.telegram_send import TelegramSender
from core.errors import SendError, SendLater, SendNever
from core.message import Address, Channel, Page
from core.outbox.budget import OwnBudget, Rate
from core.outbox.outgoing import Outgoing, Purpose
from tests.bot.conftest import blind, to
from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_chats import Chat
from tests.peers.telegram_http import Trouble


def usual() -> OwnBudget:
    return OwnBudget(OVERALL, ONE_CHAT)


@pytest.mark.parametrize(
    ("trouble", "kind", "after", "opted_out"),
    [
        (Trouble(429, "Too Many Requests: retry after 7", retry_after=7), SendLater, 7.0, None),
        (Trouble(403, "Forbidden: bot was blocked by the user"), SendNever, None, True),
        (Trouble(403, "Forbidden: user is deactivated"), SendNever, None, True),
        (Trouble(403, "Forbidden: bot can't initiate conversation"), SendNever, None, False),
        (Trouble(400, "Bad Request: chat not found"), SendNever, None, False),
        (Trouble(502, "Bad Gateway"), SendLater, None, None),
        (Trouble(500, "Internal Server Error"), SendLater, None, None),
        (Trouble(200, body=b"<html>"), SendLater, None, None),
        (Trouble(delay=1.5), SendLater, None, None),
        (Trouble(401, "Unauthorized"), SendLater, 60.0, None),
        (Trouble(404, "Not Found"), SendLater, 60.0, None),
        (Trouble(409, "Conflict: terminated by other getUpdates request"), SendLater, 60.0, None),
    ],
)
def test_refusals_are_decisions(
    sender: TelegramSender,
    peer: TelegramPeer,
    phuong: Chat,
    trouble: Trouble,
    kind: type[SendError],
    after: float | None,
    opted_out: bool | None,
) -> None:
    peer.will_answer("sendMessage", trouble)
    with pytest.raises(kind) as refused:
        sender.send(to(phuong, Page("Chào")))
    assert getattr(refused.value, "after", None) == after
    assert getattr(refused.value, "opted_out", None) == opted_out


def test_after_a_time_out_an_answer_comes_twice_rather_than_not_at_all(
    sender: TelegramSender, peer: TelegramPeer, phuong: Chat
) -> None:
    peer.will_answer("sendMessage", Trouble(delay=1.0, done_first=True))
    with pytest.raises(SendLater):
        sender.send(to(phuong, Page("Chào"), key="same"))
    sender.send(to(phuong, Page("Chào"), key="same"))
    assert [sent.text for sent in phuong.messages] == ["Chào", "Chào"]


def test_a_chat_that_never_began_is_no_chat(sender: TelegramSender) -> None:
    with pytest.raises(SendNever, match="hat not found"):
        sender.send(to(999, Page("Chào")))


def test_an_address_that_is_no_number_is_no_chat(sender: TelegramSender) -> None:
    page = Page("Chào")
    outgoing = Outgoing("k", Address("telegram", "abc"), Channel.CHAT, page, Purpose.REPLY)
    with pytest.raises(SendNever):
        sender.send(outgoing)


def test_one_chat_waits_alone_until_a_second_is_told_to_wait(
    sender: TelegramSender, peer: TelegramPeer, phuong: Chat
) -> None:
    wait = Trouble(429, "Too Many Requests: retry after 7", retry_after=7)
    peer.will_answer("sendMessage", wait, wait)
    with pytest.raises(SendLater) as first:
        sender.send(to(phuong, Page("1")))
    assert first.value.one_address
    with pytest.raises(SendLater) as second:
        sender.send(to(peer.chat(5551002), Page("2")))
    assert not second.value.one_address


def test_a_chat_told_to_wait_is_not_asked_again_before(
    line: TelegramLine, peer: TelegramPeer, phuong: Chat
) -> None:
    sender = TelegramSender(line, notes=OwnNotes(), blind=blind, budget=usual(), sleep=_never)
    peer.will_answer("sendMessage", Trouble(429, "Too Many Requests", retry_after=7))
    for _ in range(2):
        with pytest.raises(SendLater) as refused:
            sender.send(to(phuong, Page("1")))
        assert refused.value.one_address
    assert len(peer.called("sendMessage")) == 1


def test_short_waits_are_waited_and_long_ones_left_to_the_outbox(
    line: TelegramLine, peer: TelegramPeer, phuong: Chat
) -> None:
    time = [100.0]
    naps: list[float] = []

    def sleep(seconds: float) -> None:
        naps.append(seconds)
        time[0] += seconds

    budget = OwnBudget(Rate(30, 30), Rate(1, 1), tick=lambda: time[0])
    sender = TelegramSender(line, notes=OwnNotes(), blind=blind, budget=budget, sleep=sleep)
    sender.send(to(phuong, Page("1")))
    sender.send(to(phuong, Page("2")))
    assert naps == [pytest.approx(1.0)]
    assert len(phuong.messages) == 2


def test_a_wrong_token_is_shouted_about_without_being_told(
    peer: TelegramPeer, phuong: Chat, capsys: pytest.CaptureFixture[str]
) -> None:
    line = TelegramLine("1000000001:wrong-token", api_url=peer.url)
    sender = TelegramSender(line, notes=OwnNotes(), blind=blind, budget=usual())
    with pytest.raises(SendLater) as refused:
        sender.send(to(phuong, Page("Chào")))
    line.close()
    written = "".join(capsys.readouterr())
    assert "telegram_needs_operator" in written
    assert "wrong-token" not in written + str(refused.value)


def test_no_log_line_holds_the_token_or_a_message(
    sender: TelegramSender, peer: TelegramPeer, phuong: Chat, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        sender.send(to(phuong, Page("Kết quả âm tính")))
        peer.will_answer("sendMessage", Trouble(200, body=b"not JSON: Nguyen Van An"))
        with pytest.raises(SendLater) as refused:
            sender.send(to(phuong, Page("Kết quả âm tính")))
    everything = caplog.text + str(refused.value)
    for secret in (peer.token, "âm tính", "Nguyen Van An", str(phuong.id)):
        assert secret not in everything


# The line


def test_forty_threads_share_one_line(sender: TelegramSender, peer: TelegramPeer) -> None:
    chats = [peer.chat(6000 + number) for number in range(40)]
    with ThreadPoolExecutor(40) as threads:
        sent = list(threads.map(lambda chat: sender.send(to(chat, Page("Chào"))), chats))
    assert len({one.provider_ref for one in sent}) == 40
    assert all(len(chat.messages) == 1 for chat in chats)


def test_a_closed_line_opens_again(
    line: TelegramLine, sender: TelegramSender, phuong: Chat
) -> None:
    sender.send(to(phuong, Page("1")))
    line.close()
    sender.send(to(phuong, Page("2")))
    assert [sent.text for sent in phuong.messages] == ["1", "2"]


def _never(seconds: float) -> None:
    raise AssertionError(f"slept {seconds} s")
