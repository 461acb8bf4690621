"""The part of Telegram's Bot API (10.1) that the gateway calls, for a handset instead of Telegram."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from web.simulator.requests import BOT_ID, phone_of
from web.simulator.threads import Threads

LONGEST_TEXT: Final = 4096
LONGEST_CAPTION: Final = 1024
LONGEST_BUTTON: Final = 64

Parameters = Mapping[str, Any]
Files = Mapping[str, bytes]


class Wrong(Exception):
    """The call is refused, in Telegram's words."""

    def __init__(self, description: str, code: int = 400) -> None:
        super().__init__(description)
        self.code = code
        self.description = f"Bad Request: {description}" if code == 400 else description


class BotApi:
    """Answers calls as Telegram does; what is sent lands in the threads."""

    def __init__(self, threads: Threads, now: Callable[[], float]) -> None:
        """`now` gives seconds since 1970, for the dates of messages."""
        self._threads = threads
        self._now = now
        self._methods: dict[str, Callable[[Parameters, Files], Any]] = {
            "getme": self._me,
            "sendmessage": self._send_message,
            "sendphoto": self._send_photo,
            "senddocument": self._send_photo,
            "answercallbackquery": self._answer_tap,
            "editmessagereplymarkup": self._edit,
            "editmessagetext": self._edit,
            "deletemessage": self._delete,
            "getwebhookinfo": lambda *_: {"url": "", "pending_update_count": 0},
            "getupdates": self._get_updates,
        }
        for accepted in ("setwebhook", "deletewebhook", "setmycommands", "deletemycommands"):
            self._methods[accepted] = lambda *_: True
        for described in ("setmydescription", "setmyshortdescription", "sendchataction"):
            self._methods[described] = lambda *_: True

    def call(self, method: str, sent: Parameters, files: Files | None = None) -> dict[str, Any]:
        """One call; names of methods are written in any case."""
        answer = self._methods.get(method.lower())
        if answer is None:
            return {"ok": False, "error_code": 404, "description": "Not Found"}
        try:
            return {"ok": True, "result": answer(sent, files or {})}
        except Wrong as wrong:
            return {"ok": False, "error_code": wrong.code, "description": wrong.description}

    def _me(self, _sent: Parameters, _files: Files) -> dict[str, Any]:
        return {**_BOT, "can_join_groups": False, "supports_inline_queries": False}

    def _get_updates(self, _sent: Parameters, _files: Files) -> Any:
        # The handset posts to the webhook, and Telegram does not serve both ways at once.
        raise Wrong(
            "Conflict: can't use getUpdates method while webhook is active; "
            "use deleteWebhook to delete the webhook first",
            409,
        )

    def _send_message(self, sent: Parameters, _files: Files) -> dict[str, Any]:
        phone, text = _phone(sent), str(sent.get("text") or "")
        if not text.strip():
            raise Wrong("message text is empty")
        if len(text) > LONGEST_TEXT:
            raise Wrong("message is too long")
        message = self._message(sent) | {"text": text}
        self._show(phone, message["message_id"], sent, text=text)
        return message

    def _send_photo(self, sent: Parameters, files: Files) -> dict[str, Any]:
        phone, caption = _phone(sent), str(sent.get("caption") or "")
        if len(caption) > LONGEST_CAPTION:
            raise Wrong("message caption is too long")
        name = self._picture(sent, files)
        message = self._message(sent) | {"caption": caption}
        kind = "document" if "document" in sent or "document" in files else "photo"
        file = {"file_id": name, "file_unique_id": name[:12]}
        size = {"width": 400, "height": 400}
        message[kind] = [file | size] if kind == "photo" else file
        self._show(phone, message["message_id"], sent, text=caption, photo=name)
        return message

    def _picture(self, sent: Parameters, files: Files) -> str:
        """The name of the picture: of one just uploaded, or of one uploaded before."""
        named = str(sent.get("photo") or sent.get("document") or "")
        uploaded = files.get(named.removeprefix("attach://")) or next(iter(files.values()), None)
        if uploaded is not None:
            name = self._threads.keep_photo(uploaded)
            if name is None:
                raise Wrong("file is too big")
            return name
        if not named or self._threads.photo(named) is None:
            raise Wrong("wrong file identifier/HTTP URL specified")
        return named

    def _answer_tap(self, sent: Parameters, _files: Files) -> bool:
        if not sent.get("callback_query_id"):
            raise Wrong("query is too old and response timeout expired or query ID is invalid")
        return True

    def _edit(self, sent: Parameters, _files: Files) -> dict[str, Any]:
        phone, number = _phone(sent), _message_number(sent)
        event = {"thread": "chat", "edits": number, "buttons": _buttons(sent)}
        text = sent.get("text")
        self._threads.add(phone, event | ({"text": str(text)} if text else {}))
        return self._message(sent) | {"message_id": number, "text": str(text or "")}

    def _delete(self, sent: Parameters, _files: Files) -> bool:
        self._threads.add(_phone(sent), {"thread": "chat", "deletes": _message_number(sent)})
        return True

    def _message(self, sent: Parameters) -> dict[str, Any]:
        return {
            "message_id": self._threads.next_message(),
            "from": _BOT,
            "date": int(self._now()),
            "chat": {"id": int(sent["chat_id"]), "type": "private", "first_name": "Simulator"},
        }

    def _show(self, phone: str, number: int, sent: Parameters, **content: str) -> None:
        event = {
            "thread": "chat",
            "from": "them",
            "message": number,
            **content,
            "buttons": _buttons(sent),
        }
        markup = _markup(sent)
        if "keyboard" in markup:
            event["keys"] = [[_key(one) for one in row] for row in markup["keyboard"]]
        elif markup.get("remove_keyboard"):
            event["keys"] = []
        self._threads.add(phone, event)


_BOT: Final = {"id": BOT_ID, "is_bot": True, "first_name": "Một Cửa", "username": "motcua_bot"}


def said_by_person(text: str) -> dict[str, Any]:
    """What the person wrote, for their own thread."""
    return {"thread": "chat", "from": "me", "text": text}


def _phone(sent: Parameters) -> str:
    chat = str(sent.get("chat_id", ""))
    if not chat.isdecimal() or not 8 <= len(chat) <= 15:
        raise Wrong("chat not found")
    return phone_of(int(chat))


def _message_number(sent: Parameters) -> int:
    number = str(sent.get("message_id", ""))
    if not number.isdecimal() or len(number) > 18:
        raise Wrong("message to edit not found")
    return int(number)


def _markup(sent: Parameters) -> dict[str, Any]:
    given = sent.get("reply_markup")
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            raise Wrong("can't parse reply keyboard markup JSON object") from None
    return given if isinstance(given, dict) else {}


def _buttons(sent: Parameters) -> list[list[dict[str, str]]]:
    """Inline buttons, row by row; Telegram refuses pressed data of more than 64 octets."""
    rows = _markup(sent).get("inline_keyboard") or []
    buttons = [
        [
            {"text": str(one.get("text", "")), "data": str(one.get("callback_data", ""))}
            for one in row
        ]
        for row in rows
    ]
    if any(len(one["data"].encode()) > LONGEST_BUTTON for row in buttons for one in row):
        raise Wrong("BUTTON_DATA_INVALID")
    return buttons


def _key(key: Any) -> dict[str, Any]:
    """A key of the big keyboard below the chat; one of them may share the phone number."""
    if isinstance(key, str):
        return {"text": key, "contact": False}
    return {"text": str(key.get("text", "")), "contact": bool(key.get("request_contact"))}
