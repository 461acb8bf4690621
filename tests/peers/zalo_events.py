"""The events that Zalo makes of what people do, in the shape of its samples, signed and pushed."""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

APP_ID = "360846524940903967"
OA_ID = "388613280878808645"
OA_SECRET = "oa-secret-for-tests"
LINH = "246845883529197922"
"""Somebody who writes to the account."""

RETRIES = (30, 300, 900, 1800, 3600)
"""Seconds after which an event is brought again until it is answered 200."""

Event = dict[str, Any]
_numbers = itertools.count(0x96D3CDF3AF1504)


@dataclass
class Events:
    """Makes events of one account. `now` gives milliseconds since 1970."""

    now: Callable[[], int] = lambda: 1_785_672_000_000
    app_id: str = APP_ID
    oa_id: str = OA_ID
    secret: str = field(default=OA_SECRET, repr=False)

    def sends(self, who: str, kind: str = "text", **message: Any) -> Event:
        """The person sends a message of this kind: `text=…`, `attachments=[…]`."""
        return {
            "app_id": self.app_id,
            "sender": {"id": who},
            "user_id_by_app": f"55{who[2:]}",
            "recipient": {"id": self.oa_id},
            "event_name": f"user_send_{kind}",
            "message": {**message, "msg_id": self.message_id()},
            "timestamp": str(self.now()),
        }

    def says(self, who: str, text: str) -> Event:
        return self.sends(who, text=text)

    def follows(self, who: str, name: str = "follow") -> Event:
        return {
            "oa_id": self.oa_id,
            "follower": {"id": who},
            "user_id_by_app": f"55{who[2:]}",
            "event_name": name,
            "source": "oa_profile",
            "app_id": self.app_id,
            "timestamp": str(self.now()),
        }

    def clicks_chat(self, who: str) -> Event:
        return {
            "app_id": self.app_id,
            "oa_id": self.oa_id,
            "user_id": who,
            "user_id_by_app": f"55{who[2:]}",
            "event_name": "user_click_chatnow",
            "timestamp": str(self.now()),
        }

    def submits(self, who: str, phone: str) -> Event:
        """Fills in the form for name, phone and address."""
        return {
            "sender": {"id": who},
            "recipient": {"id": self.oa_id},
            "event_name": "user_submit_info",
            "app_id": self.app_id,
            "timestamp": str(self.now()),
            "info": {
                "name": "Trần Thị Linh",
                "phone": phone,
                "user_dob": "30/10/1999",
                "gender": "Nữ",
                "full_address": {"user_city": "Thành phố Hồ Chí Minh"},
            },
        }

    def received(self, who: str, message_id: str, **more: str) -> Event:
        """The message has arrived; with `tracking_id` it was sent by phone number."""
        return {
            "sender": {"id": self.oa_id},
            "recipient": {"id": who},
            "event_name": "user_received_message",
            "message": {"msg_id": message_id, **more},
            "app_id": self.app_id,
            "timestamp": str(self.now()),
        }

    def seen(self, who: str, *message_ids: str) -> Event:
        event = self.received(who, "")
        return event | {
            "event_name": "user_seen_message",
            "message": {"msg_ids": list(message_ids)},
        }

    def echo(self, who: str, kind: str = "text", admin: str | None = None) -> Event:
        """What the account itself has sent; `admin` is who did it by hand."""
        sender = {"id": self.oa_id} | ({"admin_id": admin} if admin else {})
        return {
            "app_id": self.app_id,
            "sender": sender,
            "recipient": {"id": who},
            "event_name": f"oa_send_{kind}",
            "message": {"text": "Chào bạn", "msg_id": self.message_id()},
            "timestamp": str(self.now()),
        }

    def withdraws(self, who: str) -> Event:
        return {
            "app_id": self.app_id,
            "sender": {"id": who},
            "recipient": {"id": self.oa_id},
            "event_name": "user_withdraw",
            "timestamp": str(self.now()),
        }

    def message_id(self) -> str:
        return f"{next(_numbers):020x}"

    # How they are brought

    def signed(self, body: bytes) -> dict[str, str]:
        """The headers with which Zalo brings this body."""
        return {
            "Content-Type": "application/json",
            "X-ZEvent-Signature": f"mac={mac(self.app_id, body, self.secret)}",
        }

    def push(
        self, url: str, event: Mapping[str, Any], *, tries: int = 3, patience: float = 2.0
    ) -> list[int]:
        """Brings an event until it is answered 200 within two seconds; gives the statuses.

        Zalo itself waits RETRIES between its tries; here they follow at once.
        """
        body = json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()
        statuses: list[int] = []
        while len(statuses) < tries and 200 not in statuses:
            request = Request(url, body, method="POST", headers=self.signed(body))
            if statuses:
                request.add_header("num_retry", str(len(statuses)))
            began = time.monotonic()
            try:
                with urlopen(request, timeout=10) as response:
                    status = response.status
            except HTTPError as error:
                status = error.code
                error.close()
            late = time.monotonic() - began > patience
            statuses.append(0 if late else status)
        return statuses


def mac(app_id: str, body: bytes, secret: str) -> str:
    """sha256 of the app's id, the body as it is, its timestamp and the account's secret."""
    try:
        read = json.loads(body)
    except (ValueError, RecursionError):
        read = {}
    timestamp = read.get("timestamp", "") if isinstance(read, dict) else ""
    if not isinstance(timestamp, str):
        timestamp = str(timestamp) if type(timestamp) is int else ""
    signed = app_id.encode() + body + timestamp.encode("utf-8", "replace") + secret.encode()
    return hashlib.sha256(signed).hexdigest()
