"""Africa's Talking's calls to us about texts: the contract."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from core.asked import Asked as CoreAsked
from core.outbox.outgoing import Status
from sms.providers.africastalking import STATUSES, AfricasTalking
from tests.fakes import PHONE
from tests.sms.contract import OURS, SECRET, Asked, SmsContract
from tests.sms.fuzz import FORM, JSON

PATH = f"/sms/africastalking/{SECRET}"


def posted(path: str, fields: dict[str, str], content_type: str = FORM) -> Asked:
    return f"{PATH}/{path}", {"data": urlencode(fields).encode(), "content_type": content_type}


class TestAfricasTalking(SmsContract):
    provider = AfricasTalking(ours=OURS)
    needed = ("id", "from", "to", "text")
    receipt_needed = ("id", "status")
    statuses = STATUSES

    def message(
        self, text: str = "QR", *, id: str = "", phone: str = PHONE, drop: str = ""
    ) -> Asked:
        fields = {
            "linkId": "03090445075804249226",
            "text": text,
            "to": "8888",
            "id": id,
            "date": "2026-11-23 08:30:00",
            "from": phone,
        }
        fields.pop(drop, None)
        return posted("message", fields)

    def receipt(self, outgoing_id: str, ref: str, word: str, *, drop: str = "") -> Asked:
        fields = {"id": ref, "status": word, "phoneNumber": PHONE, "networkCode": "45204"}
        fields.pop(drop, None)
        return posted("receipt", fields)

    def new_ref(self) -> str:
        return f"ATXid_{self.new_id()[2:]}"

    def broken(self) -> Iterator[tuple[Asked, int]]:
        text = {"id": "1", "from": PHONE, "to": "8888", "text": "QR"}
        yield posted("message", text, JSON), 415
        yield posted("message", text, ""), 415
        yield posted("message", text | {"id": "x" * 65}), 400
        yield posted("message", text | {"from": "\x00"}), 400
        yield posted("receipt", {"id": "1", "status": "Borked"}), 400
        yield posted("receipt", {"id": "é", "status": "Success"}), 400
        broken = {"data": b"id=1&text=%FF&from=1&to=1", "content_type": FORM}
        yield (f"{PATH}/message", broken), 400

    def reply_in(self, body: bytes) -> str:
        return body.decode()

    @pytest.mark.parametrize(
        ("reason", "words"),
        [("DeliveryFailure", "DeliveryFailure"), (f"no {PHONE}", ""), ("0912345678", "")],
    )
    def test_why_it_failed_is_kept_if_it_is_one_word(self, reason: str, words: str) -> None:
        body = urlencode({"id": "ATXid_1", "status": "Failed", "failureReason": reason}).encode()
        receipt = self.provider.read_receipt(CoreAsked("receipt", b"", body, FORM))
        assert receipt is not None
        assert (receipt.status, receipt.words) == (Status.FAILED, words)

    def test_it_calls_by_post_only(self, client: FlaskClient) -> None:
        assert client.get(f"{PATH}/message").status_code == 405
