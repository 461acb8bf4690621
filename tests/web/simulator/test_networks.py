"""The providers that the simulator plays, met by the gateway's own senders over real sockets."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from flask import Flask, request
from redis import Redis
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)
from telegram.error import BadRequest, InvalidToken
from telegram.request import HTTPXRequest
from werkzeug.serving import make_server

from core.qr.image import png
from web.simulator import networks
from web.simulator.post import Poster
from web.simulator.threads import START, Threads

PHONE = "+84912004701"
CHAT = 84912004701
TOKEN = "1022:token-of-the-tests"


@dataclass
class Played:
    """The stand-ins, listening, and what the handset got."""

    base: str
    threads: Threads
    receipts: list[dict[str, str]]

    def got(self) -> list[dict[str, Any]]:
        return self.threads.after(PHONE, START)[1]

    def bot(self, token: str = TOKEN) -> Bot:
        """python-telegram-bot, a new one for each loop."""
        wire = HTTPXRequest(httpx_kwargs={"trust_env": False})
        return Bot(token, base_url=f"{self.base}/simulator/telegram/bot", request=wire)

    def sends(self, **fields: str) -> httpx2.Response:
        """Kannel's sendsms, with what it must have unless the test says otherwise."""
        usual = {"username": "gw", "password": "pw", "from": "1022", "to": PHONE, "text": "Chao"}
        parameters = {name: value for name, value in (usual | fields).items() if value != "-"}
        return httpx2.get(f"{self.base}/simulator/kannel/cgi-bin/sendsms", params=parameters)


@pytest.fixture
def played(clean_redis: str) -> Iterator[Played]:
    app = Flask("tests")
    server = make_server("127.0.0.1", 0, app, threaded=True)
    base = f"http://127.0.0.1:{server.server_port}"
    redis = Redis.from_url(clean_redis)
    threads, receipts = Threads(redis), list[dict[str, str]]()
    app.register_blueprint(
        networks.blueprint(
            threads=threads,
            poster=Poster(base),
            bot_token=TOKEN,
            kannel_username="gw",
            kannel_password="pw",
            now=time.time,
        )
    )

    @app.get("/sms/kannel/secret/receipt")
    def receipt() -> str:
        receipts.append(request.args.to_dict())
        return ""

    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Played(base, threads, receipts)
    server.shutdown()
    thread.join()
    redis.close()


def test_a_message_with_buttons_arrives(played: Played) -> None:
    buttons = InlineKeyboardMarkup([[InlineKeyboardButton("1. Mã QR", callback_data="s:1")]])
    sent = asyncio.run(played.bot().send_message(CHAT, "Một Cửa", reply_markup=buttons))
    (event,) = played.got()
    assert (event["text"], event["message"]) == ("Một Cửa", sent.message_id)
    assert event["buttons"] == [[{"text": "1. Mã QR", "data": "s:1"}]]


def test_a_photo_arrives_and_may_be_sent_again_by_its_name(played: Played) -> None:
    picture = png("0123")

    async def twice() -> str:
        async with played.bot() as bot:
            sent = await bot.send_photo(CHAT, picture, caption="1234", filename="qr.png")
            await bot.send_photo(CHAT, sent.photo[-1].file_id)
            return sent.photo[-1].file_id

    name = asyncio.run(twice())
    first, second = played.got()
    assert (first["photo"], first["text"], second["photo"]) == (name, "1234", name)
    assert played.threads.photo(name) == picture


def test_keys_below_the_chat_come_and_go(played: Played) -> None:
    keys = ReplyKeyboardMarkup([[KeyboardButton("Chia sẻ", request_contact=True)], ["Menu"]])

    async def come_and_go() -> None:
        async with played.bot() as bot:
            await bot.send_message(CHAT, "Số?", reply_markup=keys)
            await bot.send_message(CHAT, "✅", reply_markup=ReplyKeyboardRemove())

    asyncio.run(come_and_go())
    asked, taken = played.got()
    assert asked["keys"] == [
        [{"text": "Chia sẻ", "contact": True}],
        [{"text": "Menu", "contact": False}],
    ]
    assert taken["keys"] == []


def test_buttons_may_be_taken_away_and_messages_deleted(played: Played) -> None:
    async def change() -> None:
        async with played.bot() as bot:
            await bot.edit_message_reply_markup(chat_id=CHAT, message_id=7)
            await bot.delete_message(CHAT, 7)
            await bot.answer_callback_query("42")
            await bot.set_my_commands([("start", "Menu")])

    asyncio.run(change())
    assert played.got() == [
        {"thread": "chat", "edits": 7, "buttons": []},
        {"thread": "chat", "deletes": 7},
    ]


@pytest.mark.parametrize(("text", "words"), [("x" * 4097, "too long"), (" ", "empty")])
def test_what_telegram_refuses_is_refused(played: Played, text: str, words: str) -> None:
    with pytest.raises(BadRequest, match=words):
        asyncio.run(played.bot().send_message(CHAT, text))
    assert played.got() == []


def test_a_button_with_too_much_behind_it_is_refused(played: Played) -> None:
    buttons = InlineKeyboardMarkup([[InlineKeyboardButton("x", callback_data="x" * 65)]])
    with pytest.raises(BadRequest, match=r"(?i)button_data_invalid"):
        asyncio.run(played.bot().send_message(CHAT, "x", reply_markup=buttons))


def test_a_name_of_no_picture_is_refused_as_telegram_does(played: Played) -> None:
    with pytest.raises(BadRequest, match="file"):
        asyncio.run(played.bot().send_photo(CHAT, "gone"))


def test_another_token_is_refused(played: Played) -> None:
    with pytest.raises(InvalidToken):
        asyncio.run(played.bot("1022:another").get_me())
    assert asyncio.run(played.bot().get_me()).username == "motcua_bot"


def test_an_unknown_method_is_not_found(played: Played) -> None:
    answer = httpx2.post(f"{played.base}/simulator/telegram/bot{TOKEN}/dance")
    assert (answer.status_code, answer.json()["ok"]) == (404, False)


def test_an_sms_arrives_with_its_parts(played: Played) -> None:
    answer = played.sends(text="a" * 161)
    assert (answer.status_code, answer.text) == (202, "0: Accepted for delivery")
    (event,) = played.got()
    assert (event["from"], event["sender"], event["parts"]) == ("them", "1022", 2)


def test_marks_are_lost_without_the_coding_that_carries_them(played: Played) -> None:
    played.sends(text="Lịch khám")
    played.sends(text="Lịch khám", coding="2", charset="UTF-8")
    assert [event["text"] for event in played.got()] == ["L?ch kh?m", "Lịch khám"]


@pytest.mark.parametrize(
    ("fields", "status", "words"),
    [
        ({"password": "wrong"}, 403, "Authorization failed for sendsms"),
        ({"username": "-"}, 403, "Authorization failed for sendsms"),
        ({"to": "-"}, 400, "Missing receiver number, rejected"),
        ({"to": "Hường"}, 400, "denied"),
        ({"from": "-"}, 400, "Sender missing and no global set, rejected"),
    ],
)
def test_kannel_refuses_in_its_own_words(
    played: Played, fields: dict[str, str], status: int, words: str
) -> None:
    answer = played.sends(**fields)
    assert answer.status_code == status
    assert words in answer.text
    assert played.got() == []


def test_receipts_come_back_to_us_and_to_nobody_else(played: Played) -> None:
    url = "http://198.51.100.7:1/sms/kannel/secret/receipt?id=7&type=%d&phone=%p&answer=%A"
    played.sends(**{"dlr-mask": "31", "dlr-url": url})
    deadline = time.monotonic() + 5
    while len(played.receipts) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert [one["type"] for one in played.receipts] == ["8", "1"]
    assert played.receipts[1] == {"id": "7", "type": "1", "phone": PHONE, "answer": "stat:DELIVRD"}
