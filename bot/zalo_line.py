"""The line to Zalo's interfaces: the access token in its header, and refusals that arrive as 200."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot.unanswered import no_answer
from bot.zalo_errors import ACCOUNT, BY_PHONE, UNKNOWN, Row
from bot.zalo_tokens import Tokens
from core.clock import Deadline
from core.errors import PlatformError, SendLater
from core.platform.wire import Raw, Wire

SECONDS: Final = 10.0
"""For one request in all."""

LONGEST_WAIT: Final = 3600.0


class Refusal(Exception):
    """Zalo said no. The words are ours: Zalo's own may repeat what was sent."""

    def __init__(self, code: int, row: Row) -> None:
        super().__init__(f"{code} {row.words}")
        self.code = code
        self.row = row


@dataclass(frozen=True, slots=True)
class ZaloLine:
    """Asks Zalo from any thread. Raises Refusal; SendLater when there is no answer, or no token.

    A message that was not answered within `seconds` may have arrived: the error says so.

    `api` and `business` are the addresses of the two interfaces. With `proof_key` (the app's
    secret) every request carries `appsecret_proof`.
    """

    tokens: Tokens
    api: str = "https://openapi.zalo.me"
    business: str = "https://business.openapi.zalo.me"
    proof_key: str = field(default="", repr=False)
    seconds: float = SECONDS
    wire: Wire = field(default_factory=lambda: Wire("zalo"), repr=False)

    def consult(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """A consultation message to somebody who has been in touch."""
        return self._ask(f"{self.api.rstrip('/')}/v3.0/oa/message/cs", message, ACCOUNT)

    def template(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """A template to somebody's account."""
        return self._ask(f"{self.api.rstrip('/')}/v3.0/oa/message/template", message, ACCOUNT)

    def template_by_phone(self, message: Mapping[str, Any]) -> Mapping[str, Any]:
        """A template to a phone number."""
        return self._ask(f"{self.business.rstrip('/')}/message/template", message, BY_PHONE)

    def account(self) -> Mapping[str, Any]:
        """Who we are to Zalo: good for seeing whether the tokens work."""
        return self._ask(f"{self.api.rstrip('/')}/v2.0/oa/getoa", None, ACCOUNT)

    def _ask(
        self, url: str, content: Mapping[str, Any] | None, codes: Mapping[int, Row]
    ) -> Mapping[str, Any]:
        """With a token that Zalo refuses, once more with a better one."""
        token = self.tokens.token()
        code, data = self._once(url, content, token)
        if code and codes.get(code, UNKNOWN).decision == "renew":
            code, data = self._once(url, content, self.tokens.renewed(token))
        if code:
            raise Refusal(code, codes.get(code, UNKNOWN))
        return data

    def _once(
        self, url: str, content: Mapping[str, Any] | None, token: str
    ) -> tuple[int, Mapping[str, Any]]:
        headers = {"access_token": token, "Content-Type": "application/json"}
        if self.proof_key:
            headers["appsecret_proof"] = proof(self.proof_key, token)
        try:
            raw = self.wire.send(
                "GET" if content is None else "POST",
                url,
                headers=headers,
                content=None if content is None else json.dumps(content).encode(),
                deadline=Deadline.after(self.seconds),
            )
        except PlatformError as error:
            raise no_answer(error) from None
        return _read(raw)


def proof(app_secret: str, token: str) -> str:
    """What shows that the token is used by the app to which it was given."""
    return hmac.new(app_secret.encode(), token.encode(), hashlib.sha256).hexdigest()


def _read(raw: Raw) -> tuple[int, Mapping[str, Any]]:
    """The code (0 when all is well) and what came with it. Raises SendLater."""
    try:
        told = json.loads(raw.body)
    except ValueError:
        told = None
    code = told.get("error") if isinstance(told, dict) else None
    if type(code) is not int or (raw.status != 200 and code == 0):
        after = raw.headers.get("retry-after", "")
        wait = min(float(after), LONGEST_WAIT) if after.isdecimal() and len(after) < 6 else None
        # Whoever answers otherwise may have taken it; only one that says when has not.
        words = "no sense" if raw.status == 200 else f"HTTP {raw.status}"
        raise SendLater(words, after=wait, unsure=wait is None)
    data = told.get("data")
    return code, data if isinstance(data, dict) else {}
