"""The updates that Telegram makes of what people do, as its documentation shows them."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from tests.peers.telegram import TelegramPeer
from tests.peers.telegram_chats import Chat, Message

_TAPS = itertools.count(4_000_000_000_000_001)


def sender_of(chat: Chat) -> dict[str, Any]:
    person = {"id": chat.id, "is_bot": False, "first_name": "Phượng"}
    return {**person, "language_code": chat.language} if chat.language else person


def message(peer: TelegramPeer, chat: Chat, **content: Any) -> dict[str, Any]:
    """A message with any content: `text=…`, `sticker={…}`, `contact={…}`."""
    return peer.update(
        message={
            "message_id": peer.message_id(),
            "from": sender_of(chat),
            "chat": {"id": chat.id, "type": chat.type, "first_name": "Phượng"},
            "date": 1_790_000_000,
            **content,
        }
    )


def says(peer: TelegramPeer, chat: Chat, text: str) -> dict[str, Any]:
    entities = [{"type": "bot_command", "offset": 0, "length": len(text.split()[0])}]
    more = {"entities": entities} if text.startswith("/") else {}
    return message(peer, chat, text=text, **more)


def taps(peer: TelegramPeer, chat: Chat, on: Message, label: str) -> dict[str, Any]:
    """A tap on the button with these words; the peer then waits for `answerCallbackQuery`."""
    return taps_data(peer, chat, on, on.buttons[label])


def taps_data(peer: TelegramPeer, chat: Chat, on: Message, data: str) -> dict[str, Any]:
    tap = str(next(_TAPS))
    peer.tapped(tap)
    return peer.update(
        callback_query={
            "id": tap,
            "from": sender_of(chat),
            "message": {
                "message_id": on.id,
                "chat": {"id": chat.id, "type": chat.type},
                "date": 1_790_000_000,
                "text": on.text,
            },
            "chat_instance": "8000000000000000001",
            "data": data,
        }
    )


def shares_contact(
    peer: TelegramPeer, chat: Chat, phone: str, *, of: int | None = None, **more: Any
) -> dict[str, Any]:
    """The person's own card, or that of somebody else (`of`); Telegram often leaves the + out."""
    owner = chat.id if of is None else of
    contact = {"phone_number": phone, "first_name": "Phượng", "user_id": owner}
    return message(peer, chat, contact=contact, **more)


def blocks(peer: TelegramPeer, chat: Chat) -> dict[str, Any]:
    chat.blocked = True
    return membership(peer, chat, before="member", after="kicked")


def membership(peer: TelegramPeer, chat: Chat, *, before: str, after: str) -> dict[str, Any]:
    bot = {"id": int(peer.token.partition(":")[0]), "is_bot": True, "first_name": "Một Cửa"}
    return peer.update(
        my_chat_member={
            "chat": {"id": chat.id, "type": chat.type},
            "from": sender_of(chat),
            "date": 1_790_000_000,
            "old_chat_member": {"user": bot, "status": before},
            "new_chat_member": {"user": bot, "status": after, "until_date": 0},
        }
    )


def push(
    peer: TelegramPeer,
    url: str,
    update: Mapping[str, Any],
    *,
    secret: str,
    tries: int = 3,
    pause: float = 0.05,
) -> list[int]:
    """Posts an update to a webhook until it is taken; gives the answers' status codes.

    A method in the answer is done, as Telegram does it. Telegram itself waits longer, up to two
    minutes or what `Retry-After` says.
    """
    statuses: list[int] = []
    while len(statuses) < tries and not any(200 <= status < 300 for status in statuses):
        time.sleep(pause if statuses else 0)
        request = Request(url, json.dumps(update).encode(), method="POST")
        request.add_header("Content-Type", "application/json")
        request.add_header("X-Telegram-Bot-Api-Secret-Token", secret)
        try:
            with urlopen(request, timeout=10) as response:
                statuses.append(response.status)
                _do_what_is_answered(peer, response.read())
        except HTTPError as error:
            statuses.append(error.code)
            error.close()
    return statuses


def _do_what_is_answered(peer: TelegramPeer, body: bytes) -> None:
    """A webhook may answer with a method; those that only ask for something are ignored."""
    try:
        asked = json.loads(body)
    except ValueError:
        return
    if isinstance(asked, dict) and not str(asked.get("method", "get")).startswith("get"):
        form = {name: str(value) for name, value in asked.items() if name != "method"}
        peer.answer(str(asked["method"]), form, {})
