"""Calls from providers that settings describe: the contract, for JSON, for forms and for addresses."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from core.asked import Asked as CoreAsked
from core.errors import Malformed
from core.outbox.outgoing import Outgoing, Status
from core.store.database import Database
from sms.providers.httpsms import DescribedProvider
from sms.providers.httpsms_spec import understood
from sms.providers.repeats import Repeats
from tests.fakes import PHONE
from tests.sms.contract import OURS, SECRET, Asked, SmsContract
from tests.sms.described import CUU, HONG, SONGHUONG
from tests.sms.fuzz import FORM, JSON

NOON = Repeats("secret", lambda: 1_795_420_800.0)


def provider(name: str, values: Any) -> DescribedProvider:
    return DescribedProvider(understood(name, values), repeats=NOON, ours=OURS)


class DescribedContract(SmsContract):
    provider: DescribedProvider

    def at(self, path: str) -> str:
        return f"/sms/{self.provider.name}/{SECRET}/{path}"


class TestInJson(DescribedContract):
    provider = provider("songhuong", SONGHUONG)
    needed = ("/id", "/sender/number", "/to", "/text")
    receipt_needed = ("/id", "/state")
    statuses = {
        "SENT": Status.SENT,
        "DONE": Status.DELIVERED,
        "LOST": Status.FAILED,
        "QUEUED": None,
    }
    thanks = "ACK"

    def posted(self, path: str, *events: Any, content_type: str = JSON) -> Asked:
        data = json.dumps({"events": list(events)}).encode()
        return self.at(path), {"data": data, "content_type": content_type}

    def message(
        self, text: str = "QR", *, id: str = "", phone: str = PHONE, drop: str = ""
    ) -> Asked:
        event = {"id": id, "sender": {"number": phone}, "to": 8888, "text": text}
        event.pop(drop.split("/")[1] if drop else "", None)
        return self.posted("message", event)

    def receipt(self, outgoing_id: str, ref: str, word: str, *, drop: str = "") -> Asked:
        event = {"id": ref, "state": word, "reason": "E-17"}
        event.pop(drop.lstrip("/"), None)
        return self.posted("receipt", event)

    def broken(self) -> Iterator[tuple[Asked, int]]:
        text = {"id": "1", "sender": {"number": PHONE}, "to": "8888", "text": "QR"}
        yield self.posted("message", text, content_type=FORM), 415
        yield self.posted("message"), 400
        yield self.posted("message", *[text] * 1001), 400
        yield self.posted("message", 5, None, [[]]), 400
        yield self.posted("message", text | {"text": 5}), 400
        yield self.posted("message", text | {"sender": PHONE}), 400
        yield self.posted("message", text | {"id": {"a": 1}}), 400
        yield self.posted("message", text | {"id": "x" * 65}), 400
        yield self.posted("receipt", {"id": "1", "state": "UNHEARD"}), 400
        yield (self.at("message"), {"data": b"{}", "content_type": JSON}), 400
        yield (self.at("message"), {"data": b"\xff", "content_type": JSON}), 400

    def reply_in(self, body: bytes) -> str:
        assert body == b"ACK"
        return ""

    def test_a_bundle_is_taken_apart(self, client: FlaskClient, database: Database) -> None:
        texts = [
            {"id": f"m{number}", "sender": {"number": self.new_phone()}, "to": "8888", "text": "1"}
            for number in range(5)
        ]
        assert self.call(client, self.posted("message", *texts, None)).data == b"ACK"
        assert self.counts(database) == (5, 0)

    def test_numbers_and_truths_are_words_too(self) -> None:
        for state, word in ((5, "5"), (True, "true"), (0.5, "0.5")):
            spec = understood("x1", {**SONGHUONG, "STATUSES": f"{word}=delivered"})
            described = DescribedProvider(spec, repeats=NOON)
            body = json.dumps({"id": 77, "state": state}).encode()
            receipt = described.read_receipt(CoreAsked("receipt", b"", body, JSON))
            assert receipt is not None
            assert (receipt.ref, receipt.status) == ("77", Status.DELIVERED)


class TestInAddresses(DescribedContract):
    provider = provider("hong", HONG)
    needed = ("msisdn", "msg")
    receipt_needed = ("ref", "st")
    statuses = {"1": Status.DELIVERED, "2": Status.FAILED, "anything": Status.FAILED}

    def message(
        self, text: str = "QR", *, id: str = "", phone: str = PHONE, drop: str = ""
    ) -> Asked:
        self.__dict__.setdefault("hops", {})[id] = NOON.id_of(phone, "", text)
        fields = {"msisdn": phone, "msg": text}
        fields.pop(drop, None)
        return f"{self.at('message')}?{urlencode(fields)}", {}

    def kept_as(self, id: str) -> str:
        return str(self.__dict__["hops"][id])

    def receipt(self, outgoing_id: str, ref: str, word: str, *, drop: str = "") -> Asked:
        fields = {"ref": outgoing_id, "st": word}
        fields.pop(drop, None)
        return f"{self.at('receipt')}?{urlencode(fields)}", {}

    def ref_of(self, message: Outgoing) -> str:
        return message.id

    def broken(self) -> Iterator[tuple[Asked, int]]:
        yield (f"{self.at('message')}?msisdn=1&msg=%FF", {}), 400
        yield (f"{self.at('message')}?msisdn=%00&msg=a", {}), 400
        yield (f"{self.at('receipt')}?ref=no-uuid&st=1", {}), 400
        yield (f"{self.at('receipt')}?ref={uuid.uuid4()}&st={'x' * 41}", {}), 400

    def reply_in(self, body: bytes) -> str:
        return body.decode()

    def test_it_calls_by_get_only(self, client: FlaskClient) -> None:
        assert client.post(self.at("message")).status_code == 405


class TestInForms(DescribedContract):
    provider = provider("cuu", CUU)
    needed = ("mid", "from", "text")
    receipt_needed = ("status",)
    statuses = {"ok": Status.DELIVERED, "sent": Status.SENT, "no": Status.FAILED}

    def posted(self, path: str, fields: dict[str, str], content_type: str = FORM) -> Asked:
        return self.at(path), {"data": urlencode(fields).encode(), "content_type": content_type}

    def message(
        self, text: str = "QR", *, id: str = "", phone: str = PHONE, drop: str = ""
    ) -> Asked:
        fields = {"mid": id, "from": phone, "text": text}
        fields.pop(drop, None)
        return self.posted("message", fields)

    def receipt(self, outgoing_id: str, ref: str, word: str, *, drop: str = "") -> Asked:
        fields = {"status": word, "other": "1"}
        fields.pop(drop, None)
        path, arguments = self.posted("receipt", fields)
        return f"{path}?id={outgoing_id}", arguments

    def ref_of(self, message: Outgoing) -> str:
        return message.id

    def broken(self) -> Iterator[tuple[Asked, int]]:
        text = {"mid": "1", "from": PHONE, "text": "QR"}
        yield self.posted("message", text, JSON), 415
        yield self.posted("message", text | {"mid": "\x00"}), 400
        yield self.posted("receipt", {"status": "ok"}), 400
        path, arguments = self.posted("receipt", {"status": "ok"})
        yield (f"{path}?id=no-uuid", arguments), 400

    def reply_in(self, body: bytes) -> str:
        return body.decode()


def test_one_that_brings_nothing_has_no_address() -> None:
    only_sends = {"URL": "https://a.example/s", "BODY": '{"to": "{to}", "text": "{text}"}'}
    described = provider("dat", only_sends)
    assert described.paths == ()
    for read in (described.read, described.read_receipt):
        with pytest.raises(Malformed):
            read(CoreAsked("message", b"", b"a=1", FORM))
