"""Zalo's rules for what an account may send, and the codes with which it refuses."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen
from zoneinfo import ZoneInfo

import zxingcpp
from PIL import Image

FREE, OPEN = timedelta(hours=48), timedelta(days=7)
VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")
BUTTON_TYPES = frozenset(
    ("oa.open.url", "oa.query.show", "oa.query.hide", "oa.open.sms", "oa.open.phone")
)


class Refusal(Exception):
    """An answer with `error` other than 0; it arrives as HTTP 200."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(field: str) -> Refusal:
    return Refusal(-201, f"{field} is invalid!")


@dataclass
class Message:
    """A message as the person sees it."""

    id: str
    text: str
    buttons: dict[str, str] = field(default_factory=dict)
    """Title → what the tap brings back."""
    image: bytes | None = None
    template: str | None = None
    paid: bool = False

    @property
    def qr(self) -> str | None:
        """What a scanner reads in the picture."""
        if self.image is None:
            return None
        with Image.open(io.BytesIO(self.image)) as picture:
            found = zxingcpp.read_barcodes(picture.convert("L"))
        return found[0].text if found else None


@dataclass
class Person:
    """Somebody with a Zalo account, as our official account sees them."""

    id: str
    phone: str = ""
    follows: bool = True
    acted_at: datetime | None = None
    refuses: int | None = None
    """The code with which Zalo refuses to write to them."""
    messages: list[Message] = field(default_factory=list)

    @property
    def last(self) -> Message:
        return self.messages[-1]


@dataclass(frozen=True)
class Template:
    """An approved template with its parameters and how long each may be."""

    id: str
    parameters: Mapping[str, int]
    to_accounts: bool = True


def check_window(person: Person, now: datetime) -> bool:
    """May we write freely, and is it paid for?"""
    if person.refuses is not None:
        raise Refusal(person.refuses, "refused")
    if person.acted_at is None:
        raise Refusal(-232, "User has not interacted with the OA or the last one has expired")
    since = now - person.acted_at
    if since > OPEN:
        raise Refusal(-230, "User has not interacted with the OA in the past 7 days")
    return since > FREE


def check_message(content: Any) -> Message:
    """A consultation message, if Zalo would take it."""
    if not isinstance(content, dict):
        raise invalid("message")
    text = content.get("text")
    if text is not None and (not isinstance(text, str) or not text.strip()):
        raise invalid("text")
    if text is not None and len(unicodedata.normalize("NFC", text)) > 2000:
        raise Refusal(-210, "text is over the limit")
    message = Message("", text or "")
    attachment = content.get("attachment")
    if attachment is None:
        if text is None:
            raise invalid("text")
        return message
    if not isinstance(attachment, dict) or attachment.get("type") != "template":
        raise invalid("attachment")
    payload = attachment.get("payload")
    if not isinstance(payload, dict):
        raise invalid("payload")
    match payload.get("template_type"):
        case None:
            if text is None:
                raise invalid("text")
            message.buttons = check_buttons(payload.get("buttons"))
        case "media":
            if payload.keys() != {"template_type", "elements"}:
                raise invalid("payload")
            message.image = check_elements(payload["elements"])
        case _:
            raise Refusal(-233, "Message type is not supported")
    return message


def check_buttons(buttons: Any) -> dict[str, str]:
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= 5:
        raise invalid("buttons")
    taken = {}
    for button in buttons:
        title, payload = button.get("title"), button.get("payload")
        if not isinstance(title, str) or not 1 <= len(title) <= 100:
            raise invalid("title")
        if button.get("type") not in BUTTON_TYPES:
            raise invalid("type")
        if not isinstance(payload, str) or not 1 <= len(payload) <= 1000:
            raise invalid("payload")
        taken[title] = payload
    return taken


def check_elements(elements: Any) -> bytes:
    """The image, which Zalo fetches from where it is told to."""
    if not isinstance(elements, list) or len(elements) != 1:
        raise invalid("elements")
    element = elements[0]
    if element.get("media_type") != "image" or ("url" in element) == ("attachment_id" in element):
        raise invalid("media_type")
    return fetch_image(element.get("url"))


def fetch_image(url: object) -> bytes:
    """What stands at this address, if it is a picture that Zalo would show."""
    if not isinstance(url, str) or not re.match(r"https?://", url):
        raise invalid("url")
    try:
        with urlopen(url, timeout=5) as response:
            kind, content = response.headers.get_content_type(), response.read(1_000_001)
    except (URLError, OSError):
        raise invalid("url") from None
    if kind not in ("image/png", "image/jpeg"):
        raise invalid("url")
    if len(content) > 1_000_000:
        raise Refusal(-210, "file is too big")
    return bytes(content)


def check_template(template: Template | None, data: Any, code: int = -201) -> str:
    """The words that the template makes of its parameters."""
    if template is None:
        raise Refusal(-109 if code == -112 else code, "template_id is invalid!")
    if not isinstance(data, dict) or data.keys() - template.parameters.keys():
        raise Refusal(code, "template_data is invalid!")
    for name, longest in template.parameters.items():
        value = data.get(name)
        if not isinstance(value, str) or not value:
            raise Refusal(-1122 if code == -112 else code, f"{name} is missing")
        if len(value) > longest:
            raise Refusal(-1121 if code == -112 else -210, f"{name} is too long")
    return " ".join(str(value) for value in data.values())


def is_night(now: datetime) -> bool:
    there = now.astimezone(VIETNAM)
    return there.hour >= 22 or there.hour < 6
