"""A stand-in for Zalo: its tokens, messages and templates over a real socket, with its rules."""

from __future__ import annotations

import base64
import hashlib
import itertools
import secrets
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import TracebackType
from typing import Any

from tests.peers.zalo_events import APP_ID, OA_ID, Events
from tests.peers.zalo_http import Call, Trouble, serve
from tests.peers.zalo_rules import (
    Message,
    Person,
    Refusal,
    Template,
    check_message,
    check_template,
    check_window,
    invalid,
    is_night,
)

APP_SECRET = "app-secret-for-tests"
ACCESS_SECONDS = 90_000
CS, TEMPLATE, BY_PHONE = "/v3.0/oa/message/cs", "/v3.0/oa/message/template", "/message/template"
TOKEN, ACCOUNT = "/v4/oa/access_token", "/v2.0/oa/getoa"


@dataclass
class ZaloPeer:
    """Starts with `with`; `url` is what the settings of its addresses take. `clock` is its time."""

    clock: Callable[[], datetime]
    people: dict[str, Person] = field(default_factory=dict)
    templates: dict[str, Template] = field(default_factory=dict)
    calls: list[Call] = field(default_factory=list)
    per_minute: int = 4000
    by_phone_quota: int = 500
    wants_proof: bool = False

    def __post_init__(self) -> None:
        self.access: dict[str, datetime] = {}
        self.refresh: set[str] = set()
        self.spent: set[str] = set()
        self.codes: dict[str, tuple[str, datetime]] = {}
        self._names = itertools.count(1)
        self._first = secrets.token_hex(6)
        self.troubles: dict[str, deque[Trouble | None]] = defaultdict(deque)
        self._lock = threading.RLock()
        self._minute: tuple[int, int] = (0, 0)
        self.events = Events(now=lambda: int(self.clock().timestamp() * 1000))
        self._server = serve(self)

    def __enter__(self) -> ZaloPeer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Nobody answers any longer."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    # What a test arranges and looks at

    def person(self, id: str, **known: Any) -> Person:
        """Somebody with an account, who has just done something there."""
        return self.people.setdefault(id, Person(id, acted_at=self.clock(), **known))

    def acts(self, id: str) -> Person:
        """The person does something that opens the window."""
        person = self.person(id)
        person.acted_at = self.clock()
        return person

    def will_answer(self, path: str, *troubles: Trouble | None) -> None:
        """The next calls of this address are answered like this; None: as usual."""
        self.troubles[path].extend(troubles)

    def called(self, path: str) -> list[Call]:
        return [call for call in self.calls if call.path == path]

    def consents(self, challenge: str) -> str:
        """Whoever runs the account agrees; the code that their browser brings along."""
        code = f"code-{next(self._names):04d}"
        with self._lock:
            self.codes[code] = (challenge, self.clock() + timedelta(minutes=10))
        return code

    def pair(self) -> tuple[str, str]:
        """A pair of tokens, as if granted."""
        told = self._grant()
        return str(told["access_token"]), str(told["refresh_token"])

    def revoke(self, access: str) -> None:
        """The token is no longer good, whatever its age."""
        with self._lock:
            self.access.pop(access, None)

    # What the socket asks

    def trouble(self, path: str) -> Trouble | None:
        with self._lock:
            planned = self.troubles[path]
            return planned.popleft() if planned else None

    def answer(self, call: Call) -> Mapping[str, Any]:
        """Does what is asked; raises Refusal. The token address answers in a shape of its own."""
        with self._lock:
            if call.path == TOKEN:
                return self._tokens(call)
            self._check_access(call)
            self._check_rate()
            do = _CALLS.get(call.path)
            if do is None:
                raise Refusal(-240, "MessageV2 API has been shut down")
            data = do(self, call.content)
        return {"data": data, "error": 0, "message": "Success"}

    def _tokens(self, call: Call) -> Mapping[str, Any]:
        form = call.form
        if call.headers.get("secret_key") != APP_SECRET or form.get("app_id") != APP_ID:
            return _denied(-14002, "Invalid app")
        if form.get("grant_type") == "refresh_token":
            token = form.get("refresh_token", "")
            if token not in self.refresh:
                return _denied(-14014, "Invalid refresh token")
            self.refresh.discard(token)
            self.spent.add(token)
            self.access.clear()
            return self._grant()
        challenge, until = self.codes.pop(form.get("code", ""), ("", self.clock()))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        shown = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if shown != challenge or self.clock() >= until:
            return _denied(-118, "Invalid grant")
        return self._grant()

    def _grant(self) -> dict[str, Any]:
        number = next(self._names)
        access, refresh = f"access-{number:06d}", f"refresh-{number:06d}"
        self.access[access] = self.clock() + timedelta(seconds=ACCESS_SECONDS)
        self.refresh.add(refresh)
        return {
            "access_token": access,
            "refresh_token": refresh,
            "expires_in": str(ACCESS_SECONDS),
        }

    def _check_access(self, call: Call) -> None:
        by_phone = call.path == BY_PHONE
        token = call.headers.get("access_token", "")
        if "authorization" in call.headers or not token:
            raise Refusal(-124 if by_phone else -216, "Access token is invalid")
        until = self.access.get(token)
        if until is None or until <= self.clock():
            raise Refusal(-124 if by_phone else -220, "access_token is expired or removed")

    def _check_rate(self) -> None:
        minute = int(self.clock().timestamp()) // 60
        count = self._minute[1] + 1 if self._minute[0] == minute else 1
        self._minute = (minute, count)
        if count > self.per_minute:
            raise Refusal(-32, "Your application has reached the limit of API calls")

    def _person(self, id: object) -> Person:
        person = self.people.get(id) if isinstance(id, str) else None
        if person is None:
            raise invalid("user_id")
        return person

    def _keep(self, person: Person, message: Message) -> str:
        message.id = f"{self._first}{next(self._names):08x}"
        person.messages.append(message)
        return message.id

    def consult(self, content: Mapping[str, Any]) -> dict[str, Any]:
        recipient = content.get("recipient")
        person = self._person(recipient.get("user_id") if isinstance(recipient, dict) else None)
        paid = check_window(person, self.clock())
        message = check_message(content.get("message"))
        message.paid = paid
        named = self._keep(person, message)
        quota = {"quota_type": "purchase_quota" if paid else "reply", "remain": "8", "total": "8"}
        return {"message_id": named, "user_id": person.id, "sent_time": "0", "quota": quota}

    def template(self, content: Mapping[str, Any]) -> dict[str, Any]:
        person = self._person(content.get("user_id"))
        if person.refuses is not None:
            raise Refusal(person.refuses, "refused")
        template = self.templates.get(str(content.get("template_id")))
        words = check_template(template, content.get("template_data"))
        assert template is not None
        if not template.to_accounts:
            raise Refusal(-249, "Template does not support UID")
        named = self._keep(person, Message("", words, template=template.id))
        return {"message_id": named, "user_id": person.id, "sent_time": "1626926349402"}

    def template_by_phone(self, content: Mapping[str, Any]) -> dict[str, Any]:
        phone, tracking = content.get("phone"), content.get("tracking_id")
        if not isinstance(phone, str) or not (phone.isdecimal() and phone.startswith("84")):
            raise Refusal(-108, "Phone number is invalid")
        if not isinstance(tracking, str) or not 1 <= len(tracking) <= 48:
            raise Refusal(-132, "tracking_id is invalid")
        template = self.templates.get(str(content.get("template_id")))
        words = check_template(template, content.get("template_data"), -112)
        assert template is not None
        found = [one for one in self.people.values() if one.phone == f"+{phone}"]
        if not found:
            raise Refusal(-118, "Zalo account does not exist")
        if is_night(self.clock()):
            raise Refusal(-133, "Not allowed at night")
        if self.by_phone_quota <= 0:
            raise Refusal(-144, "OA has reached its daily quota")
        self.by_phone_quota -= 1
        named = self._keep(found[0], Message("", words, template=template.id))
        return {"msg_id": named, "sent_time": "1626926349402", "sending_mode": "1"}

    def account(self, content: Mapping[str, Any]) -> dict[str, Any]:
        return {"oaid": OA_ID, "name": "Một Cửa", "is_verified": True, "package_name": "Nâng cao"}


def _denied(code: int, words: str) -> dict[str, Any]:
    return {"error": code, "error_name": words, "error_description": words, "ref_doc": ""}


_CALLS: dict[str, Callable[[ZaloPeer, Mapping[str, Any]], dict[str, Any]]] = {
    CS: ZaloPeer.consult,
    TEMPLATE: ZaloPeer.template,
    BY_PHONE: ZaloPeer.template_by_phone,
    ACCOUNT: ZaloPeer.account,
}
