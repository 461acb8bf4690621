"""SpeedSMS's calls to us: the contract, texts without an id, and both kinds at either address."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.asked import Asked as CoreAsked
from core.outbox.outgoing import Status
from core.store.database import Database
from sms.providers.repeats import REPEATS_WITHIN, Repeats
from sms.providers.speedsms import SpeedSms
from tests.fakes import PHONE
from tests.sms.contract import OURS, SECRET, Asked, SmsContract
from tests.sms.fuzz import FORM, JSON

PATH = f"/sms/speedsms/{SECRET}"
NOON = 1_795_420_800.0


def posted(path: str, body: Any, content_type: str = JSON) -> Asked:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    return f"{PATH}/{path}", {"data": data, "content_type": content_type}


class TestSpeedSms(SmsContract):
    provider = SpeedSms(repeats=Repeats("secret", lambda: NOON), ours=OURS)
    needed = ("phone", "content", "type")
    receipt_needed = ("tranId", "status", "type")
    statuses = {
        "0": Status.DELIVERED,
        "1": None,
        "32": None,
        "63": None,
        "64": Status.FAILED,
        "70": Status.FAILED,
        "255": Status.FAILED,
    }

    def message(
        self, text: str = "QR", *, id: str = "", phone: str = PHONE, drop: str = ""
    ) -> Asked:
        fields = {"type": "sms", "phone": phone.lstrip("+"), "content": text}
        self.__dict__.setdefault("hops", {})[id] = Repeats("secret", lambda: NOON).id_of(
            fields["phone"], "", text
        )
        fields.pop(drop, None)
        return posted("message", fields)

    def kept_as(self, id: str) -> str:
        return str(self.__dict__["hops"][id])

    def receipt(self, outgoing_id: str, ref: str, word: str, *, drop: str = "") -> Asked:
        fields = {"type": "report", "tranId": int(ref), "phone": PHONE, "status": int(word)}
        fields.pop(drop, None)
        return posted("receipt", fields)

    def new_ref(self) -> str:
        return str(int(self.new_id()[2:10], 16) + 1)

    def broken(self) -> Iterator[tuple[Asked, int]]:
        text: dict[str, Any] = {"type": "sms", "phone": PHONE, "content": "QR"}
        report: dict[str, Any] = {"type": "report", "tranId": 1, "phone": PHONE, "status": 0}
        yield posted("message", text | {"type": "mms"}), 400
        yield posted("message", text | {"type": None}), 400
        yield posted("message", text | {"content": 5}), 400
        yield posted("message", text | {"phone": {"a": 1}}), 400
        yield posted("message", text | {"phone": "\x00"}), 400
        yield posted("message", text | {"phone": "9" * 61}), 400
        yield posted("message", b"type=sms", FORM), 400
        yield posted("message", b"\xff"), 400
        yield posted("message", []), 400
        for wrong in (0, -1, 2**53, "1", 1.5, True, None):
            yield posted("receipt", report | {"tranId": wrong}), 400
        for wrong in (-1, 1000, "0", 0.0, False, None):
            yield posted("receipt", report | {"status": wrong}), 400

    def reply_in(self, body: bytes) -> str:
        return body.decode()

    def test_a_kind_is_understood_whichever_address_it_comes_to(
        self, client: FlaskClient, database: Database
    ) -> None:
        (path, text), (other, report) = self.message(id="a"), self.receipt("", "77", "0")
        assert self.call(client, (other, text)).status_code == 200
        assert self.call(client, (path, report)).status_code == 200
        assert self.counts(database) == (1, 1)

    @pytest.mark.parametrize("kind", ["", "text/plain", "application/x-www-form-urlencoded"])
    def test_json_is_read_as_whatever_it_comes(self, client: FlaskClient, kind: str) -> None:
        path, arguments = self.message(id="a", phone=self.new_phone())
        assert self.call(client, (path, {**arguments, "content_type": kind})).status_code == 200

    def test_half_characters_and_nul_are_left_out(self) -> None:
        body = b'{"type":"sms","phone":"0912345678","content":"a\\ud800b\\u0000c\\ud83d\\ude00"}'
        inbound = self.provider.read(CoreAsked("message", b"", body))
        assert inbound.said == ("a\ufffdbc😀",)


def test_the_same_words_within_ten_seconds_are_a_repeat_and_later_are_not() -> None:
    moment = [NOON]
    repeats = Repeats("secret", lambda: moment[0])
    first = repeats.id_of("0912345678", "8888", "1")
    moment[0] += REPEATS_WITHIN - 1
    assert repeats.id_of("0912345678", "8888", "1") == first
    assert repeats.id_of("0912345678", "8888", "2") != first
    assert repeats.id_of("0912345679", "8888", "1") != first
    moment[0] += 1
    assert repeats.id_of("0912345678", "8888", "1") != first


def test_an_id_made_of_words_cannot_be_guessed_backwards() -> None:
    said = ("0912345678", "8888", "1")
    ours, guessed = Repeats("secret", lambda: NOON), Repeats("guess", lambda: NOON)
    assert ours.id_of(*said) != guessed.id_of(*said)
    assert "0912345678" not in ours.id_of(*said)
    assert "secret" not in repr(ours)
