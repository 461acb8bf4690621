"""The Bot API's rules for what a bot may send, and the words with which it refuses (Bot API 10.1)."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import zxingcpp
from PIL import Image

LARGEST_PHOTO = 10_000_000


class Refusal(Exception):
    """An answer with `ok: false`."""

    def __init__(self, status: int, description: str) -> None:
        super().__init__(description)
        self.status = status
        self.description = description


def bad(description: str) -> Refusal:
    return Refusal(400, f"Bad Request: {description}")


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def check_text(text: str) -> str:
    if not text.strip():
        raise bad("message text is empty")
    if units(text) > 4096:
        raise bad("message is too long")
    return text


def check_caption(caption: str) -> str:
    if units(caption) > 1024:
        raise bad("message caption is too long")
    return caption


def check_keys(markup: str | None, chat_type: str) -> dict[str, Any] | None:
    """The reply markup as an object, if it may hang on a message in such a chat."""
    if not markup:
        return None
    try:
        keys = json.loads(markup)
    except ValueError:
        raise bad("can't parse reply keyboard markup JSON object") from None
    kinds = {"inline_keyboard", "keyboard", "remove_keyboard", "force_reply"} & set(keys)
    if len(kinds) != 1:
        raise bad("object expected as reply markup")
    for row in keys.get("inline_keyboard", ()):
        for button in row:
            _check_inline(button)
    for row in keys.get("keyboard", ()):
        for button in row:
            if button.get("request_contact") and chat_type != "private":
                raise bad("phone number can be requested in private chats only")
    return dict(keys)


def _check_inline(button: Mapping[str, Any]) -> None:
    if not str(button.get("text", "")).strip():
        raise bad("text buttons are unallowed in the inline keyboard")
    if len(set(button) - {"text"}) != 1:
        raise bad("text buttons are unallowed in the inline keyboard")
    if "callback_data" in button and not 1 <= len(button["callback_data"].encode()) <= 64:
        raise bad("BUTTON_DATA_INVALID")


def check_commands(commands: str) -> list[dict[str, str]]:
    read = json.loads(commands)
    if len(read) > 100:
        raise bad("BOT_COMMANDS_TOO_MUCH")
    for command in read:
        if not re.fullmatch(r"[a-z0-9_]{1,32}", command["command"]):
            raise bad("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise bad("BOT_COMMAND_DESCRIPTION_INVALID")
    return list(read)


def check_language(code: str) -> str:
    if code and not re.fullmatch(r"[a-z]{2}", code):
        raise bad("invalid language code specified")
    return code


def check_webhook(url: str, secret: str, connections: str) -> None:
    if not url.startswith("https://"):
        raise bad("bad webhook: An HTTPS URL must be provided for webhook")
    if not re.fullmatch(r"[A-Za-z0-9_-]{0,256}", secret):
        raise bad("secret token contains unallowed characters")
    if not 1 <= int(connections) <= 100:
        raise bad("max_connections must be between 1 and 100")


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture as Telegram keeps it: drawn again as a JPEG."""

    file_id: str
    filename: str
    width: int
    height: int
    jpeg: bytes

    def reads(self) -> str | None:
        """What a scanner reads off it."""
        with Image.open(io.BytesIO(self.jpeg)) as picture:
            found = zxingcpp.read_barcodes(picture.convert("L"))
        return found[0].text if found else None

    @property
    def sizes(self) -> list[dict[str, Any]]:
        """The sizes of a message's `photo`, the largest last."""
        return [
            {
                "file_id": self.file_id + end,
                "file_unique_id": "u" + self.file_id[-8:] + end,
                "width": self.width // shrink,
                "height": self.height // shrink,
            }
            for end, shrink in (("-s", 4), ("", 1))
        ]


def take_photo(content: bytes, filename: str, file_id: str) -> Photo:
    """The picture, if Telegram would take it."""
    if len(content) > LARGEST_PHOTO:
        raise bad("file is too big")
    try:
        with Image.open(io.BytesIO(content)) as picture:
            width, height = picture.size
            jpeg = io.BytesIO()
            picture.convert("RGB").save(jpeg, "JPEG", quality=82)
    except (OSError, ValueError):
        raise bad("IMAGE_PROCESS_FAILED") from None
    if width + height > 10_000 or max(width, height) > 20 * min(width, height):
        raise bad("PHOTO_INVALID_DIMENSIONS")
    return Photo(file_id, filename, width, height, jpeg.getvalue())


ChatType = Literal["private", "group", "supergroup", "channel"]
