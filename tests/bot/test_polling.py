"""Polling: the same updates into the same inbox, through every kind of trouble."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from telegram.error import TelegramError

from bot.polling import Polling
from bot.telegram_line import TelegramLine
from tests.bot.conftest import Front
from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_chats import Chat
from tests.peers.telegram_http import Trouble
from tests.peers.telegram_updates import membership, says


@contextmanager
def polling(line: TelegramLine, front: Front) -> Iterator[None]:
    stop = threading.Event()
    loop = Polling(line, front.reception, stop=stop, wait=0, first_pause=0.01)
    thread = threading.Thread(target=loop.run, daemon=True)
    thread.start()
    yield
    stop.set()
    thread.join(10)
    assert not thread.is_alive()


def eventually(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not true():
        assert time.monotonic() < deadline, "it did not happen in 10 seconds"
        time.sleep(0.01)


def test_takes_updates_and_confirms_them(
    peer: TelegramPeer, line: TelegramLine, front: Front
) -> None:
    updates = [says(peer, Chat(77), text) for text in ("QR", "TT", "KQ")]
    for update in updates:
        peer.queue(update)
    with polling(line, front):
        eventually(lambda: len(front.inbox.taken) == 3)
        eventually(lambda: not peer.waiting)
    assert list(front.inbox.taken) == [str(update["update_id"]) for update in updates]


def test_what_could_not_be_stored_is_fetched_again(
    peer: TelegramPeer, line: TelegramLine, front: Front
) -> None:
    front.inbox.broken = 2
    first, second = says(peer, Chat(77), "QR"), says(peer, Chat(77), "TT")
    peer.queue(first)
    peer.queue(second)
    with polling(line, front):
        eventually(lambda: len(front.inbox.taken) == 2)
    assert list(front.inbox.taken) == [str(first["update_id"]), str(second["update_id"])]


@pytest.mark.parametrize(
    "trouble",
    [
        Trouble(502, "Bad Gateway"),
        Trouble(409, "Conflict: terminated by other getUpdates request"),
        Trouble(429, "Too Many Requests: retry after 1", retry_after=1),
        Trouble(400, "Bad Request: something new"),
        Trouble(200, body=b"<html>"),
        Trouble(200, body=b'{"ok": true, "result": {}}'),
        Trouble(200, body=b'{"ok": true, "result": [null, 7, {"update_id": "x"}]}'),
    ],
)
def test_trouble_is_survived(
    peer: TelegramPeer, line: TelegramLine, front: Front, trouble: Trouble
) -> None:
    peer.will_answer("getUpdates", trouble, trouble)
    peer.queue(says(peer, Chat(77), "QR"))
    with polling(line, front):
        eventually(lambda: len(front.inbox.taken) == 1)


def test_an_update_nobody_can_read_does_not_block_the_others(
    peer: TelegramPeer, line: TelegramLine, front: Front
) -> None:
    peer.queue(peer.update(message={"message_id": "not a number", "chat": [], "date": "never"}))
    peer.queue(says(peer, Chat(77), "QR"))
    with polling(line, front):
        eventually(lambda: len(front.inbox.taken) == 1)
        eventually(lambda: not peer.waiting)


def test_a_group_is_told_once(peer: TelegramPeer, line: TelegramLine, front: Front) -> None:
    group = peer.chat(-88, "group")
    peer.queue(membership(peer, group, before="left", after="member"))
    peer.queue(says(peer, group, "/qr@MotCuaTestBot"))
    peer.queue(says(peer, Chat(77), "QR"))
    with polling(line, front):
        eventually(lambda: len(front.inbox.taken) == 1)
    assert len(group.messages) == 1


def test_a_group_that_cannot_be_told_harms_nobody(
    peer: TelegramPeer, line: TelegramLine, front: Front
) -> None:
    peer.queue(membership(peer, Chat(-99, "group"), before="left", after="member"))
    peer.queue(says(peer, Chat(77), "QR"))
    with polling(line, front):
        eventually(lambda: len(front.inbox.taken) == 1)


@pytest.mark.parametrize("token", ["1000000001:wrong", "2000000002:nobody"])
def test_with_a_wrong_token_it_gives_up(peer: TelegramPeer, front: Front, token: str) -> None:
    line = TelegramLine(token, api_url=peer.url)
    with pytest.raises(TelegramError):
        Polling(line, front.reception, stop=threading.Event(), wait=0).run()
    line.close()
