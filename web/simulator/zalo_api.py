"""The part of Zalo's interfaces that the gateway calls, for a handset instead of Zalo."""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import Any, Final

from web.simulator.requests import phone_of
from web.simulator.threads import Threads

LONGEST_TEXT: Final = 2000
MOST_BUTTONS: Final = 5
CONSULT: Final = "v3.0/oa/message/cs"
ACCOUNT: Final = "v2.0/oa/getoa"

Sent = Mapping[str, Any]
Fetch = Callable[[str], bytes | None]
"""The picture at an address, as Zalo's servers fetch it."""


class Wrong(Exception):
    """The call is refused with one of Zalo's codes, which arrives as HTTP 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class ZaloApi:
    """Answers calls as Zalo does; what is sent lands in the threads."""

    def __init__(self, threads: Threads, fetch: Fetch, token: str) -> None:
        self._threads = threads
        self._fetch = fetch
        self._token = token

    def call(self, path: str, token: str, sent: Sent) -> dict[str, Any]:
        """One call, with the access token it came with."""
        try:
            if not hmac.compare_digest(token.encode(), self._token.encode()):
                raise Wrong(-216, "Access token is invalid")
            return {"data": self._do(path, sent), "error": 0, "message": "Success"}
        except Wrong as wrong:
            return {"error": wrong.code, "message": wrong.message}

    def _do(self, path: str, sent: Sent) -> dict[str, Any]:
        if path == CONSULT:
            return self._consult(sent)
        if path == ACCOUNT:
            return {"oaid": "1022", "name": "Một Cửa", "is_verified": True}
        raise Wrong(-240, "MessageV2 API has been shut down")

    def _consult(self, sent: Sent) -> dict[str, Any]:
        recipient, message = _mapping(sent.get("recipient")), _mapping(sent.get("message"))
        who, text = str(recipient.get("user_id", "")), message.get("text")
        if not who.isdecimal() or not 8 <= len(who) <= 15:
            raise Wrong(-201, "user_id is invalid!")
        if not isinstance(text, str) or not text.strip():
            raise Wrong(-201, "text is invalid!")
        if len(text) > LONGEST_TEXT:
            raise Wrong(-210, "text is over the limit")
        number = self._threads.next_message()
        event = {"thread": "zalo", "from": "them", "message": number, "text": text}
        payload = _mapping(_mapping(message.get("attachment")).get("payload"))
        if payload.get("template_type") == "media":
            event["photo"] = self._photo(payload)
        elif "buttons" in payload:
            event["buttons"] = _buttons(payload)
        self._threads.add(phone_of(int(who)), event)
        return {"message_id": f"{number:020x}", "user_id": who, "sent_time": "0"}

    def _photo(self, payload: Sent) -> str:
        elements = payload.get("elements")
        element = _mapping(elements[0]) if isinstance(elements, list) and elements else {}
        picture = self._fetch(str(element.get("url", "")))
        name = self._threads.keep_photo(picture) if picture is not None else None
        if name is None:
            raise Wrong(-201, "url is invalid!")
        return name


def _buttons(payload: Sent) -> list[list[dict[str, str]]]:
    """One below the other, at most five."""
    buttons = payload["buttons"]
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= MOST_BUTTONS:
        raise Wrong(-201, "buttons is invalid!")
    return [
        [{"text": str(_mapping(one).get("title")), "data": str(_mapping(one).get("payload"))}]
        for one in buttons
    ]


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
