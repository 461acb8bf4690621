"""Builds the very requests that the networks post to a gateway, signed as they sign them.

The handset on the web page and the one in the terminal both talk through here, so that whoever
tries the gateway out goes the way that a real message goes.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from twilio.request_validator import RequestValidator

from core.gsm import encoding_of, segments

NETWORK: Final = "45204"
"""Viettel's code (MCC 452, MNC 04), for aggregators that tell the network."""

TWILIO_ACCOUNT: Final = "AC00000000000000000000000000000000"
BOT_ID: Final = 1022

_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


class NotOurCode(ValueError):
    """What was dialled does not reach us: a network would answer "invalid MMI code" by itself."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The full addresses at which a gateway hears the networks, and what they prove themselves by."""

    service_code: str
    """What people dial, such as `*1022#`."""
    africastalking: str = field(repr=False)
    twilio: str
    twilio_auth_token: str = field(repr=False)
    kannel: str = field(repr=False)
    telegram: str
    telegram_secret: str = field(repr=False)
    zalo: str = ""
    zalo_app_id: str = ""
    zalo_account: str = ""
    zalo_secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class NetworkRequest:
    """One request as a network makes it. `fields` is its content again, in a form for reading."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    fields: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class UssdCall:
    """A USSD session under way; `history` is all that was said in it, joined with stars."""

    session: str
    phone: str = field(repr=False)
    history: str = field(repr=False)

    def then(self, said: str) -> UssdCall:
        """The same session after one more answer."""
        history = f"{self.history}*{said}" if self.history else said
        return UssdCall(self.session, self.phone, history)


@dataclass(frozen=True, slots=True)
class Networks:
    """All the networks at once, posting to one gateway. Time and names of messages are passed in."""

    lines: Lines
    clock: Callable[[], datetime]
    new_id: Callable[[], uuid.UUID] = uuid.uuid4

    def dial(self, phone: str, dialled: str) -> UssdCall:
        """A new session; a deep dial (`*1022*2*1#`) has said its answers already.

        Raises NotOurCode when the dialled string does not start with our service code.
        """
        ours, wanted = self.lines.service_code.rstrip("#"), dialled.strip().replace(" ", "")
        if not wanted.endswith("#") or not (wanted[:-1] + "*").startswith(ours + "*"):
            raise NotOurCode(f"only {self.lines.service_code} reaches the gateway")
        return UssdCall(f"ATUid_{self.new_id().hex}", phone, wanted[len(ours) + 1 : -1])

    def ussd(self, call: UssdCall) -> NetworkRequest:
        """Africa's Talking asks for the next screen of a session."""
        fields = {
            "sessionId": call.session,
            "phoneNumber": call.phone,
            "networkCode": NETWORK,
            "serviceCode": self.lines.service_code,
            "text": call.history,
        }
        return _form(self.lines.africastalking, fields)

    def ussd_over(self, call: UssdCall, last_answer: str) -> NetworkRequest:
        """Africa's Talking tells that the person has hung up while a menu waited."""
        fields = {
            "date": self.clock().strftime("%Y-%m-%d %H:%M:%S"),
            "sessionId": call.session,
            "serviceCode": self.lines.service_code,
            "networkCode": NETWORK,
            "phoneNumber": call.phone,
            "status": "Incomplete",
            "cost": "VND 0",
            "durationInMillis": "10000",
            "hopsCount": str(call.history.count("*") + 1),
            "input": call.history,
            "lastAppResponse": last_answer,
        }
        return _form(f"{self.lines.africastalking}/notice", fields)

    def twilio(self, phone: str, text: str, short_number: str) -> NetworkRequest:
        """Twilio brings a text message, signed with the account's token."""
        name = f"SM{self.new_id().hex}"
        fields = {
            "MessageSid": name,
            "SmsSid": name,
            "SmsMessageSid": name,
            "AccountSid": TWILIO_ACCOUNT,
            "From": phone,
            "To": short_number,
            "Body": text,
            "NumMedia": "0",
            "NumSegments": str(max(1, len(segments(text)))),
            "FromCountry": "VN",
            "ToCountry": "VN",
            "ApiVersion": "2010-04-01",
        }
        signer = RequestValidator(self.lines.twilio_auth_token)
        signature = signer.compute_signature(self.lines.twilio, fields)
        headers = {"X-Twilio-Signature": signature, "I-Twilio-Idempotency-Token": name}
        return _form(self.lines.twilio, fields, headers)

    def kannel(self, phone: str, text: str, short_number: str) -> NetworkRequest:
        """Kannel's smsbox brings a text message by its get-url, in the alphabet of the air."""
        is_gsm7 = encoding_of(text) == "gsm7"
        fields = {
            "from": phone,
            "to": short_number,
            "text": text.encode("utf-8" if is_gsm7 else "utf-16-be"),
            "charset": "UTF-8" if is_gsm7 else "UTF-16BE",
            "coding": "0" if is_gsm7 else "2",
            "id": str(self.new_id()),
            "ts": str(int(self.clock().timestamp())),
            "smsc": "SIMULATOR",
            "udh": "",
        }
        url = f"{self.lines.kannel}?{urlencode(fields)}"
        return NetworkRequest("GET", url, {}, b"", {**fields, "text": text})

    def telegram_text(self, phone: str, text: str, language: str) -> NetworkRequest:
        """Telegram brings what somebody wrote to the bot."""
        message: dict[str, Any] = {"text": text}
        if text.startswith("/"):
            length = len(text.split()[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        return self._telegram("message", self._message(phone, language) | message)

    def telegram_contact(self, phone: str, name: str, language: str) -> NetworkRequest:
        """Telegram vouches for the sender's own number, which it gives without the plus."""
        contact = {
            "phone_number": phone.removeprefix("+"),
            "first_name": name,
            "user_id": account_of(phone),
        }
        return self._telegram("message", self._message(phone, language) | {"contact": contact})

    def telegram_tap(self, phone: str, message: int, pressed: str, language: str) -> NetworkRequest:
        """Telegram tells which button under which of our messages was tapped."""
        tap = {
            "id": str(self.new_id().int % 10**18),
            "from": _account(phone, language),
            "message": {
                "message_id": message,
                "date": int(self.clock().timestamp()),
                "chat": _chat(phone),
                "from": {"id": BOT_ID, "is_bot": True, "first_name": "Một Cửa"},
            },
            "chat_instance": str(account_of(phone)),
            "data": pressed,
        }
        return self._telegram("callback_query", tap)

    def zalo_text(self, phone: str, text: str) -> NetworkRequest:
        """Zalo brings what somebody wrote, or what the button carries that they tapped."""
        message = {"text": text, "msg_id": self.new_id().hex[:20]}
        return self._zalo({"event_name": "user_send_text", "message": message}, phone)

    def zalo_follow(self, phone: str) -> NetworkRequest:
        """Zalo tells that somebody follows the account."""
        follower = {"id": str(account_of(phone))}
        event = {"oa_id": self._account(), "follower": follower, "source": "oa_profile"}
        return self._zalo({**event, "event_name": "follow"}, phone)

    def _zalo(self, event: Mapping[str, Any], phone: str) -> NetworkRequest:
        """Signed as Zalo's own SDK has it: sha256(app id + body + timestamp + secret)."""
        timestamp = str(int(self.clock().timestamp() * 1000))
        who = {"sender": {"id": str(account_of(phone))}, "recipient": {"id": self._account()}}
        spoken = {} if "follower" in event else who
        whole = {"app_id": self.lines.zalo_app_id, **spoken, **event, "timestamp": timestamp}
        body = json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()
        signed = self.lines.zalo_app_id.encode() + body
        signed += timestamp.encode() + self.lines.zalo_secret.encode()
        headers = {
            "Content-Type": "application/json",
            "X-ZEvent-Signature": f"mac={hashlib.sha256(signed).hexdigest()}",
        }
        return NetworkRequest("POST", self.lines.zalo, headers, body, whole)

    def _account(self) -> str:
        return self.lines.zalo_account or str(BOT_ID)

    def _message(self, phone: str, language: str) -> dict[str, Any]:
        moment = self.clock().timestamp()
        return {
            "message_id": int(moment * 1000) % 2**31,
            "date": int(moment),
            "chat": _chat(phone),
            "from": _account(phone, language),
        }

    def _telegram(self, kind: str, content: Mapping[str, Any]) -> NetworkRequest:
        # Telegram counts its updates; the moment in microseconds also never comes twice.
        update = {"update_id": int(self.clock().timestamp() * 1_000_000), kind: dict(content)}
        headers = {
            "Content-Type": "application/json",
            "X-Telegram-Bot-Api-Secret-Token": self.lines.telegram_secret,
        }
        body = json.dumps(update, ensure_ascii=False).encode()
        return NetworkRequest("POST", self.lines.telegram, headers, body, update)


def account_of(phone: str) -> int:
    """The Telegram account of an invented person: the digits of their number."""
    return int(phone.removeprefix("+"))


def phone_of(account: int) -> str:
    """Whose account that is."""
    return f"+{account}"


def _account(phone: str, language: str) -> dict[str, Any]:
    return {
        "id": account_of(phone),
        "is_bot": False,
        "first_name": "Simulator",
        "language_code": language,
    }


def _chat(phone: str) -> dict[str, Any]:
    return {"id": account_of(phone), "type": "private", "first_name": "Simulator"}


def _form(
    url: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None
) -> NetworkRequest:
    content = urlencode(fields).encode()
    return NetworkRequest("POST", url, {**_FORM, **(headers or {})}, content, fields)
