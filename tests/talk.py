"""A telephone for transcripts: it dials, types and texts over HTTP, as the networks would.

    phone.dials("*1022#").sees("1 Ma QR").types("1").sees("1234 5678")
    phone.texts("QR").sees("1234 5678")

Every USSD page it is shown is measured: one that a network would refuse fails the test.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlencode

from core.gsm import septets, ucs2_units

FORM = "application/x-www-form-urlencoded"
Post = Callable[[str, bytes, Mapping[str, str]], tuple[int, str]]
"""Posts a body with headers to a path; gives the status and the text of the answer."""


class Client(Protocol):
    """What we need of Flask's test client."""

    def post(self, *arguments: Any, **named: Any) -> Any: ...


def through(client: Client) -> Post:
    """Posts through Flask's test client."""

    def post(path: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        answer = client.post(path, data=body, headers=dict(headers))
        return answer.status_code, answer.get_data(as_text=True)

    return post


def twilio_signature(token: str, url: str, fields: Mapping[str, str]) -> str:
    """What Twilio signs: the address, then every name and value, sorted by name."""
    signed = url + "".join(name + fields[name] for name in sorted(fields))
    digest = hmac.new(token.encode(), signed.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


@dataclass
class Handset:
    """One phone with one number. `ussd` is the path that Africa's Talking posts its hops to."""

    post: Post
    number: str = "+84912345678"
    ussd: str = ""
    service_code: str = "*1022#"
    auth_token: str = ""
    public_url: str = "http://localhost"
    shows: str = ""
    """What the screen shows, or the last text that came."""
    open: bool = False
    """Whether the USSD session waits for an answer."""
    _history: str = ""
    _count: int = 0
    _texts: list[str] = field(default_factory=list)

    # USSD

    def dials(self, code: str) -> Handset:
        """Dials the service code; what stands between it and the # is said at once."""
        assert code.endswith("#")
        prefix = self.service_code.removesuffix("#")
        assert code.startswith(prefix), f"{code} is another service"
        self._history = code.removesuffix("#")[len(prefix) :].removeprefix("*")
        self._count += 1
        return self._hop()

    def types(self, *said: str) -> Handset:
        """Answers the screen, one answer after the other."""
        for one in said:
            assert self.open, f"the session is closed:\n{self.shows}"
            self._history = f"{self._history}*{one}" if self._history else one
            self._hop()
        return self

    def repeats(self) -> Handset:
        """The network delivers the last hop once more; the answer must be the same."""
        before = self.shows
        self._hop()
        assert self.shows == before
        return self

    def reads_on(self) -> Handset:
        """Turns all further pages, and keeps what they say together."""
        seen = [self.shows]
        while "\n98 " in self.shows:
            seen.append(self.types("98").shows)
        self.shows = "\n".join(seen)
        return self

    def hangs_up(self) -> Handset:
        """Leaves the session; the network says so."""
        status, text = self._post_form(f"{self.ussd}/notice", {**self._hop_fields(), **_LEFT})
        assert (status, text) == (200, "")
        self.open = False
        return self

    def _hop(self) -> Handset:
        fields = {**self._hop_fields(), "serviceCode": self.service_code, "text": self._history}
        status, text = self._post_form(self.ussd, fields)
        assert status == 200, (status, text)
        kind, _, self.shows = text.partition(" ")
        assert kind in ("CON", "END"), text
        self.open = kind == "CON"
        length = septets(self.shows)
        if length is None:
            assert ucs2_units(self.shows) <= 80, self.shows
        else:
            assert length <= 160, f"{length} septets:\n{self.shows}"
        return self

    def _hop_fields(self) -> dict[str, str]:
        session = f"ATUid_{self._count}_{self.number[-4:]}"
        return {"sessionId": session, "phoneNumber": self.number, "networkCode": "45204"}

    # SMS

    def texts(self, said: str) -> Handset:
        """Sends a text by way of Twilio; the reply, if any, is what the phone shows then."""
        self._count += 1
        fields = {
            "MessageSid": f"SM{self._count:08x}{self.number[-4:]}".ljust(34, "0"),
            "AccountSid": "AC" + "a" * 32,
            "From": self.number,
            "To": "+12025550100",
            "Body": said,
            "NumMedia": "0",
        }
        path = "/sms/twilio/message"
        signature = twilio_signature(self.auth_token, self.public_url + path, fields)
        status, text = self._post_form(path, fields, {"X-Twilio-Signature": signature})
        assert status == 200, (status, text)
        said_back = [message.text or "" for message in ElementTree.fromstring(text)]
        self._texts += said_back
        self.shows = "\n".join(said_back)
        return self

    def _post_form(
        self, path: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None
    ) -> tuple[int, str]:
        return self.post(
            path, urlencode(fields).encode(), {"Content-Type": FORM, **(headers or {})}
        )

    # Looking

    def sees(self, *words: str) -> Handset:
        for one in words:
            assert one in self.shows, f"{one!r} is not on the screen:\n{self.shows}"
        return self

    def sees_not(self, *words: str) -> Handset:
        for one in words:
            assert one not in self.shows, f"{one!r} is on the screen:\n{self.shows}"
        return self

    def sees_nothing(self) -> Handset:
        assert self.shows == "", self.shows
        return self


_LEFT = {"serviceCode": "*1022#", "status": "Incomplete", "hopsCount": "2", "input": "1"}
