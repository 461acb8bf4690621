"""One request of each network, to be spoilt, and what may be seen of it afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from flask import Flask
from flask.testing import FlaskClient
from structlog.testing import capture_logs

from core.gsm import septets
from core.privacy import redactor
from gateway import app, wiring
from tests.gateway.conftest import SECRET
from tests.talk import twilio_signature

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
PHONE = "+84912345678"
TELEGRAM_SECRET = "X-Telegram-Bot-Api-Secret-Token"


@dataclass(frozen=True)
class Asked:
    """One request, as a network makes it."""

    method: str
    path: str
    fields: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    content_type: str = FORM


class Gateway:
    """The whole application, and what it writes down about a request."""

    def __init__(self, house: wiring.House) -> None:
        self.house = house
        self.flask: Flask = app.make(house)
        self.client: FlaskClient = self.flask.test_client()
        self.lines: list[Mapping[str, Any]] = []

    def gets(self, asked: Asked) -> tuple[int, str, str]:
        """Status, content type and text of the answer; none of them may tell anything."""
        body = asked.body
        query = ""
        if body is None:
            coded = urlencode(asked.fields)
            body, query = (b"", coded) if asked.method == "GET" else (coded.encode(), "")
        with capture_logs() as lines:
            answer = self.client.open(
                asked.path,
                method=asked.method,
                query_string=query,
                data=body,
                headers=dict(asked.headers),
                content_type=asked.content_type,
            )
        self.lines = [redactor(None, "", dict(line)) for line in lines]
        text = answer.get_data(as_text=True)
        for told in (text, str(self.lines)):
            assert "Traceback" not in told
            assert PHONE[3:] not in told
        assert SECRET not in str(self.lines)
        assert "X-Injected" not in answer.headers
        assert answer.status_code < 500, text
        return answer.status_code, answer.content_type or "", text


def hop(**fields: str) -> Asked:
    usual = {
        "sessionId": f"ATUid_{uuid4().hex}",
        "phoneNumber": PHONE,
        "networkCode": "45204",
        "serviceCode": "*1022#",
        "text": "",
    }
    return Asked("POST", f"/ussd/africastalking/{SECRET}", usual | fields)


def kannel(**fields: str) -> Asked:
    usual = {"from": PHONE, "to": "1022", "text": "menu", "charset": "UTF-8", "id": str(uuid4())}
    return Asked("GET", f"/sms/kannel/{SECRET}/message", usual | fields)


def twilio(gateway: Gateway, **fields: str) -> Asked:
    usual = {"MessageSid": f"SM{uuid4().hex}", "From": PHONE, "To": "1022", "Body": "menu"}
    return signed(gateway, Asked("POST", "/sms/twilio/message", usual | fields))


def signed(gateway: Gateway, asked: Asked) -> Asked:
    settings = gateway.house.settings
    token = settings.twilio_auth_token.get_secret_value()
    signature = twilio_signature(token, f"{settings.base_url}{asked.path}", asked.fields)
    return replace(asked, headers={"X-Twilio-Signature": signature})


def chat(gateway: Gateway, body: bytes, content_type: str = JSON) -> Asked:
    secret = gateway.house.settings.telegram_webhook_secret.get_secret_value()
    headers = {TELEGRAM_SECRET: secret}
    return Asked("POST", "/bot/telegram/webhook", {}, headers, body, content_type)


def verify(gateway: Gateway, body: bytes, content_type: str = JSON) -> Asked:
    key = gateway.house.settings.officer_key.get_secret_value()
    headers = {"Authorization": f"Bearer {key}"}
    return Asked("POST", "/api/v1/verify", {}, headers, body, content_type)


def is_ussd(status: int, text: str) -> bool:
    """A page that a network would show, or a polite end."""
    size = septets(text[4:])
    return text[:4] == "END " or (
        status == 200 and text[:4] == "CON " and size is not None and size <= 160
    )
