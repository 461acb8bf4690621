"""Reads what Telegram brings (an Update of Bot API 10.1) into what a person said."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from bot.network import Blocked, Ignored, Meant, Remark, knows
from bot.reading import mapping, number, place, text
from bot.taps import tapped
from core.asked import Answer, Asked
from core.errors import Malformed
from core.message import Address, Channel, Inbound
from core.people.phone import BadPhone, read_phone
from core.qr.scan import LARGEST
from core.text import DEFAULT_LANGUAGE, LANGUAGES, _

PROVIDER: Final = "telegram"

SECRET_HEADER: Final = "x-telegram-bot-api-secret-token"

ALLOWED_UPDATES: Final = ("message", "callback_query", "my_chat_member")
"""What we ask Telegram to bring; whatever else comes is ignored."""

LONGEST_TEXT: Final = 4096
"""Telegram's limit for what people write, too."""

NOT_IN_GROUPS: Final = _(
    "I only talk in private, because health records are personal. Please write to me directly."
)

_TO_TYPE_OR_TAP: Final = frozenset(
    "animation audio checklist dice document game location paid_media photo poll sticker story "
    "venue video video_note voice".split()
)
"""What people send that we cannot read: they are told what to do instead."""

LONGEST_ID: Final = 300
"""Letters of a file's id; Telegram names no limit, those we know have about 100."""

_COMMAND: Final = re.compile(r"/([A-Za-z0-9_]{1,32})(?:@[A-Za-z0-9_]+)?(?:\s+(.*))?", re.DOTALL)
_DEEP_LINK_WORD: Final = re.compile(r"[a-z]{2,32}")


class Telegram:
    """Implements `bot.network.Network`. An empty `secret` refuses everybody."""

    name = PROVIDER
    awake = True
    labels_json = True

    def __init__(self, *, secret: str) -> None:
        self._secret = secret

    def prove(self, asked: Asked) -> bool:
        return knows(asked, SECRET_HEADER, self._secret)

    def read(self, event: Mapping[str, Any]) -> Meant:
        if update_id(event) is None:
            raise Malformed("update_id")
        return read(event)

    def taken(self, remark: Remark | None) -> Answer:
        """A call of the Bot API in the answer is done by Telegram; its result is not told."""
        if remark is None:
            return Answer("ok")
        said = {"chat_id": remark.chat, "text": remark.said.to(remark.language)}
        return Answer(
            json.dumps({"method": "sendMessage", **said}), content_type="application/json"
        )


def update_id(update: object) -> int | None:
    """The number by which Telegram names an update, or None when this is no update."""
    return number(mapping(update).get("update_id"))


def read(update: Mapping[str, Any]) -> Meant:
    """What an update means to us. Never raises, whatever the update holds."""
    hop = update_id(update)
    if hop is None:
        return Ignored("no update")
    for kind, reader in _READERS.items():
        if isinstance(update.get(kind), dict):
            return reader(update[kind], str(hop))
    return Ignored("not asked for")


def _message(message: Mapping[str, Any], hop: str) -> Meant:
    chat, sender = mapping(message.get("chat")), mapping(message.get("from"))
    chat_id = number(chat.get("id"))
    if chat_id is None or sender.get("is_bot") is True:
        return Ignored("no person")
    if chat.get("type") != "private":
        return _in_group(chat, sender, addressed=_text(message.get("text")).startswith("/"))
    said = message.get("text")
    if isinstance(said, str):
        return _inbound(chat_id, hop, sender, said=_said(_text(said)))
    if "contact" in message:
        phone = _own_phone(message, sender)
        if phone is None:
            return _inbound(chat_id, hop, sender, said=("",))
        return _inbound(chat_id, hop, sender, proved=phone, trace={"contact": "1"})
    if (photo := _photo(message)) is not None:
        return _inbound(chat_id, hop, sender, said=("",), picture=photo)
    if (where := _place(message)) is not None:
        return _inbound(chat_id, hop, sender, said=("",), place=where)
    if _TO_TYPE_OR_TAP & message.keys():
        return _inbound(chat_id, hop, sender, said=("",))
    return Ignored("service message")


def _callback(callback: Mapping[str, Any], hop: str) -> Meant:
    """A tap on a button. The message may be too old for Telegram to show more than its number."""
    message, sender = mapping(callback.get("message")), mapping(callback.get("from"))
    chat = mapping(message.get("chat"))
    chat_id = number(chat.get("id"))
    if chat_id is None or not isinstance(callback.get("data"), str):
        return Ignored("no person")
    if chat.get("type") != "private":
        return _in_group(chat, sender, addressed=False)
    trace = {"callback": _text(callback.get("id"))[:64]}
    if (message_id := number(message.get("message_id"))) is not None:
        trace["message"] = str(message_id)
    tap = tapped(_text(callback["data"]))
    return _inbound(chat_id, hop, sender, trace=trace, **tap)


def _membership(changed: Mapping[str, Any], hop: str) -> Meant:
    chat, sender = mapping(changed.get("chat")), mapping(changed.get("from"))
    chat_id = number(chat.get("id"))
    status = mapping(changed.get("new_chat_member")).get("status")
    if chat_id is None:
        return Ignored("no person")
    if chat.get("type") != "private":
        return _in_group(chat, sender, addressed=status in ("member", "administrator"))
    return Blocked(_address(chat_id)) if status == "kicked" else Ignored("unblocked")


_READERS: Final = {
    "message": _message,
    "callback_query": _callback,
    "my_chat_member": _membership,
}


def _in_group(chat: Mapping[str, Any], sender: Mapping[str, Any], *, addressed: bool) -> Meant:
    """Nothing personal is said where others read; in channels nobody could even ask."""
    chat_id = number(chat.get("id"))
    if not addressed or chat_id is None or chat.get("type") not in ("group", "supergroup"):
        return Ignored("group")
    language = _language(sender)
    known = language if language in LANGUAGES else DEFAULT_LANGUAGE
    return Remark(chat_id, NOT_IN_GROUPS, known)


def _inbound(
    chat_id: int,
    hop: str,
    sender: Mapping[str, Any],
    *,
    said: tuple[str, ...] = (),
    option: str | None = None,
    screen: str | None = None,
    proved: str | None = None,
    picture: str | None = None,
    place: tuple[float, float] | None = None,
    trace: Mapping[str, str] | None = None,
) -> Inbound:
    return Inbound(
        channel=Channel.CHAT,
        provider=PROVIDER,
        address=_address(chat_id),
        wire=str(chat_id),
        hop=hop,
        said=said,
        option=option,
        screen=screen,
        proved=proved,
        picture=picture,
        place=place,
        language=_language(sender),
        trace=trace or {},
    )


def _address(chat_id: int) -> Address:
    return Address("telegram", str(chat_id))


def _said(text: str) -> tuple[str, ...]:
    """A command is said as its word; a word behind /start (a deep link) is said after the menu."""
    command = _COMMAND.fullmatch(text.strip())
    if command is None:
        return (text,)
    word, rest = command[1].lower(), (command[2] or "").strip()
    if word == "start" and _DEEP_LINK_WORD.fullmatch(rest):
        return ("/start", rest)
    return (f"/{word}",)


def _own_phone(message: Mapping[str, Any], sender: Mapping[str, Any]) -> str | None:
    """The number of a shared contact (E.164), if Telegram vouches that it is the sender's own.

    Anybody can send anybody's card, or forward one: only `user_id` tells whose it is.
    """
    contact = mapping(message.get("contact"))
    owner = number(contact.get("user_id"))
    forwarded = any(name.startswith("forward") for name in message)
    if owner is None or owner != number(sender.get("id")) or forwarded:
        return None
    digits = _text(contact.get("phone_number")).strip().lstrip("+")
    try:
        return read_phone(f"+{digits}")
    except BadPhone:
        return None


def _photo(message: Mapping[str, Any]) -> str | None:
    """Telegram's id of the photo: its largest size that we look at, or a picture sent as a file."""
    sizes = message.get("photo")
    document = mapping(message.get("document"))
    listed = list(sizes) if isinstance(sizes, list) else []
    if _text(document.get("mime_type")).startswith("image/"):
        listed.append(document)
    fitting = [
        one for one in map(mapping, listed) if (number(one.get("file_size")) or 0) <= LARGEST
    ]
    ids = [file_id for one in fitting if (file_id := text(one.get("file_id"), LONGEST_ID))]
    return ids[-1] if ids else None


def _place(message: Mapping[str, Any]) -> tuple[float, float] | None:
    location = mapping(message.get("location"))
    return place(location.get("latitude"), location.get("longitude"))


def _language(sender: Mapping[str, Any]) -> str | None:
    """`en` of `en-GB`, as the person's Telegram is set."""
    code = _text(sender.get("language_code"))[:2].lower()
    return code if re.fullmatch(r"[a-z]{2}", code) else None


def _text(value: object) -> str:
    return text(value, LONGEST_TEXT)
