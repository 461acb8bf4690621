"""The addresses that SMS providers call: texts are stored before anything else, receipts settled."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Protocol

import structlog
from flask import Blueprint, Response, request
from prometheus_client import Counter
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from core.asked import Answer, Asked, Gate, TooLarge
from core.engine import Engine
from core.errors import Busy, Malformed, Unauthentic
from core.message import Inbound, Page
from core.outbox.outgoing import Receipt, Settled
from core.privacy import mask_phone
from core.records import Accepted, Waiting
from sms.providers.port import MESSAGE, Provider
from sms.texts import SmsVoice
from sms.whatsapp import WhatsAppVoice

_log = structlog.get_logger("sms")
_requests = Counter(
    "motcua_sms_requests", "Calls of SMS providers, by how they ended", ["provider", "outcome"]
)
_nobodys = Counter(
    "motcua_sms_receipts_nobody_knows", "Receipts that name no message of ours", ["provider"]
)


TextVoice = SmsVoice | WhatsAppVoice


class Inbox(Protocol):
    """Where texts are kept until they are handled; `core.store.inbox.Inbox` is one."""

    def accept(
        self,
        provider: str,
        provider_id: str,
        order_key: str,
        body: Mapping[str, Any],
        *,
        take: bool = False,
    ) -> Accepted: ...

    def answered(self, waiting: Waiting, reply: Mapping[str, Any] | None) -> bool: ...

    def failed(self, waiting: Waiting) -> bool: ...


class Receipts(Protocol):
    """Takes in receipts; `core.store.outbox.Outbox` does."""

    def settle(self, receipt: Receipt) -> Settled: ...


def blueprint(
    *,
    engine: Engine,
    voice: TextVoice,
    inbox: Inbox,
    outbox: Receipts,
    providers: Iterable[Provider],
    secrets: Mapping[str, str] = MappingProxyType({}),
    addresses: Mapping[str, Iterable[str]] = MappingProxyType({}),
    voices: Mapping[str, TextVoice] = MappingProxyType({}),
    tick: Callable[[], float] = time.monotonic,
) -> Blueprint:
    """`/sms/<provider>/message` and `/sms/<provider>/receipt`, or, for a provider that signs
    nothing, the same below its path secret.

    `secrets` and `addresses` (networks it may call from; none: any) are by provider's name; one
    that neither signs nor has a secret has no address here. `voices` are by network, where one
    speaks otherwise than by `voice`. `tick` gives monotonic seconds.
    """
    blue = Blueprint("sms", __name__, url_prefix="/sms")
    for provider in providers:
        if not provider.signs and not secrets.get(provider.name):
            continue
        gate = Gate(secrets.get(provider.name, ""), addresses.get(provider.name, ()))
        line = _Line(provider, gate, engine, voice, voices, inbox, outbox, tick)
        for path in provider.paths:
            blue.add_url_rule(
                f"/{provider.name}/" + ("" if provider.signs else "<secret>/") + path,
                endpoint=f"{provider.name}-{path}",
                view_func=line.view(path),
                methods=(provider.method,),
            )
    return blue


@dataclass(slots=True)
class _Call:
    """What is to be logged and counted about one request."""

    path: str
    outcome: str = "failed"
    about: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Line:
    """One provider's line into the house."""

    provider: Provider
    gate: Gate
    engine: Engine
    voice: TextVoice
    voices: Mapping[str, TextVoice]
    inbox: Inbox
    outbox: Receipts
    tick: Callable[[], float]

    def view(self, path: str) -> Callable[..., Response]:
        """The Flask view of one of its addresses."""

        def answered(secret: str = "") -> Response:
            began = self.tick()
            call = _Call(path)
            answer = self._answer(secret, call)
            _requests.labels(self.provider.name, f"{path} {call.outcome}").inc()
            _log.info(
                "sms_call",
                provider=self.provider.name,
                path=path,
                outcome=call.outcome,
                ms=round((self.tick() - began) * 1000, 1),
                **call.about,
            )
            return Response(
                answer.text, answer.status, answer.headers, content_type=answer.content_type
            )

        return answered

    def _answer(self, secret: str, call: _Call) -> Answer:
        try:
            if not self.provider.signs and not self.gate.lets_in(secret, request.remote_addr):
                raise Unauthentic("wrong address")
            asked = _asked(call.path, self.provider.largest)
            self.provider.prove(asked)
            return self._take_in(asked, call)
        except Unauthentic:
            call.outcome = "forbidden"
            return Answer("Forbidden", 403)
        except Malformed as malformed:
            call.outcome, call.about["what"] = "malformed", malformed.what
            return self.provider.sorry(malformed)
        except Exception:  # noqa: BLE001  (what could not be stored must not look as if it were)
            # 503 is the one answer after which every provider delivers again.
            _log.exception("sms_failed", provider=self.provider.name, path=call.path)
            return Answer("Try again later", 503)

    def _take_in(self, asked: Asked, call: _Call) -> Answer:
        """All that this call brings. What cannot be read must not cost the rest of a bundle."""
        answer: Answer | None = None
        unread: list[Malformed] = []
        bundle = self.provider.each(asked)
        for one in bundle:
            try:
                answer = (
                    self._message(one, call) if one.path == MESSAGE else self._receipt(one, call)
                )
            except Malformed as malformed:
                unread.append(malformed)
        if len(bundle) > 1:
            call.about["calls"] = len(bundle)
        if answer is None:
            raise unread[0] if unread else Malformed("nothing")
        if unread:
            call.about["what"], call.about["unread"] = unread[0].what, len(unread)
        return answer

    def _receipt(self, asked: Asked, call: _Call) -> Answer:
        receipt = self.provider.read_receipt(asked)
        call.outcome = "nothing new"
        if receipt is not None:
            settled = self.outbox.settle(receipt)
            call.about["status"] = receipt.status.value
            if not settled.known:
                _nobodys.labels(self.provider.name).inc()
            call.outcome = "settled" if settled else "known" if settled.known else "unknown"
        return self.provider.taken()

    def _message(self, asked: Asked, call: _Call) -> Answer:
        """Stores first; then, if the provider waits for a reply, takes the turn itself."""
        inbound = self.provider.read(asked)
        call.about["phone"] = mask_phone(inbound.address.value)
        accepted = self.inbox.accept(
            self.provider.name,
            inbound.hop,
            f"{inbound.address.network}:{inbound.address.value}",
            inbound.to_json(),
            take=self.provider.waits is not None,
        )
        call.outcome = "stored" if accepted.fresh else "repeat"
        page = Page.from_json(accepted.reply) if accepted.reply else None
        if accepted.waiting is not None and self.provider.waits is not None:
            page = self._reply(inbound, accepted.waiting, self.provider.waits, call)
        return self.provider.write(page)

    def _reply(self, inbound: Inbound, waiting: Waiting, waits: float, call: _Call) -> Page | None:
        """The page to answer with; None when there is none, or when a worker will send it.

        An answer that comes when the provider has hung up is lost. So a turn that took too long
        counts as failed too: the worker's turn gets the same page, and sends it.
        """
        hangs_up = self.tick() + waits
        voice = self.voices.get(inbound.address.network, self.voice)
        voice = replace(voice, patience=min(voice.patience, 0.8 * waits))
        try:
            page = self.engine.turn(inbound, voice)
            page = None if "silent" in inbound.trace else page
            if self.tick() < hangs_up:
                ours = self.inbox.answered(waiting, page.to_json() if page else None)
                call.outcome = "answered" if page and ours else "silent"
                return page if ours else None
            call.outcome = "late"
        except Busy:
            call.outcome = "busy"
        except Exception:  # noqa: BLE001  (the text is safe in the inbox: a worker tries it again)
            _log.exception("sms_turn_failed", provider=self.provider.name)
            call.outcome = "left to the worker"
        self.inbox.failed(waiting)
        return None


def _asked(path: str, limit: int) -> Asked:
    """Flask's request without Flask; raises TooLarge before reading more than may come."""
    request.max_content_length = limit
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise TooLarge("body") from None
    except HTTPException:  # the caller hung up in the middle of it
        raise Malformed("body") from None
    if len(request.query_string) > limit:
        raise TooLarge("query")
    headers = {name.lower(): value for name, value in request.headers.items()}
    return Asked(path, request.query_string, body, request.content_type or "", headers)
