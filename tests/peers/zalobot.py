"""A stand-in for Zalo's bot platform: its few methods with their limits, and its events."""

from __future__ import annotations

import itertools
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

from tests.peers.zalo_http import Call, Trouble, serve
from tests.peers.zalo_rules import Message, Refusal, fetch_image

TOKEN = "1459232241454765289:invented-for-tests-only"
TED = "6ede9afa66b88fe6d6a9"


@dataclass
class ZaloBotPeer:
    """Starts with `with`; `url` is what the setting of its address takes."""

    calls: list[Call] = field(default_factory=list)
    chats: dict[str, list[Message]] = field(default_factory=dict)
    webhook: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.troubles: dict[str, deque[Trouble | None]] = defaultdict(deque)
        self._names = itertools.count(0x82599FA32F56)
        self._server = serve(self)

    def __enter__(self) -> ZaloBotPeer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def trouble(self, path: str) -> Trouble | None:
        planned = self.troubles[path.rpartition("/")[2]]
        return planned.popleft() if planned else None

    def answer(self, call: Call) -> Mapping[str, Any]:
        _, bot, method = call.path.split("/", 2)
        if bot != f"bot{TOKEN}":
            return _denied(401, "Unauthorized")
        try:
            return {"ok": True, "result": self._do(method, call.content)}
        except Refusal as no:
            return _denied(no.code if no.code > 0 else 400, no.message)

    def _do(self, method: str, sent: Mapping[str, Any]) -> object:
        match method:
            case "sendMessage":
                return self._keep(sent, Message("", _limited(sent.get("text"))))
            case "sendPhoto":
                image = fetch_image(sent.get("photo"))
                return self._keep(sent, Message("", _limited(sent.get("caption")), image=image))
            case "setWebhook":
                _check_webhook(str(sent.get("url")), str(sent.get("secret_token")))
                self.webhook = dict(sent)
                return {"url": sent["url"], "updated_at": 0}
            case _:
                raise Refusal(404, "Not Found")

    def _keep(self, sent: Mapping[str, Any], message: Message) -> Mapping[str, Any]:
        if set(sent) - {"chat_id", "text", "photo", "caption"}:
            raise Refusal(400, "unknown parameter")
        chat = self.chats.get(str(sent.get("chat_id")))
        if chat is None:
            raise Refusal(400, "chat not found")
        message.id = f"{next(self._names):020x}"
        chat.append(message)
        return {"message_id": message.id, "date": 1749632637199}


def event(kind: str = "text", who: str = TED, number: str = "2d758cb5", **message: Any) -> Any:
    """What the platform brings, in the shape of its sample."""
    return {
        "ok": True,
        "result": {
            "message": {
                "from": {"id": who, "display_name": "Ted", "is_bot": False},
                "chat": {"id": who, "chat_type": "PRIVATE"},
                "message_id": number,
                "date": 1750316131602,
                **message,
            },
            "event_name": f"message.{kind}.received",
        },
    }


def _limited(text: object) -> str:
    if not isinstance(text, str) or not 1 <= len(text) <= 2000:
        raise Refusal(400, "text must have 1 to 2000 letters")
    return text


def _check_webhook(url: str, secret: str) -> None:
    if urlsplit(url).scheme != "https" or not 8 <= len(secret) <= 256:
        raise Refusal(400, "url or secret_token is wrong")


def _denied(code: int, words: str) -> dict[str, Any]:
    return {"ok": False, "error_code": code, "description": words}
