"""Infobip's calls to us: the contract, and many of them in one."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient

from core.asked import Asked as CoreAsked
from core.outbox.outgoing import Outgoing, Status
from core.store.database import Database
from core.store.outbox import Outbox
from sms.providers.infobip import GROUPS, Infobip
from tests.fakes import PHONE
from tests.sms.contract import OURS, SECRET, Asked, SmsContract
from tests.sms.fuzz import FORM, JSON

PATH = f"/sms/infobip/{SECRET}"


def posted(path: str, *results: Any, content_type: str = JSON) -> Asked:
    body = {"results": list(results), "messageCount": len(results), "pendingMessageCount": 0}
    data = json.dumps(body).encode()
    return f"{PATH}/{path}", {"data": data, "content_type": content_type}


def a_text(**changes: Any) -> dict[str, Any]:
    return {
        "messageId": "817790313235066447",
        "from": "84912345678",
        "to": "8888",
        "text": "QR",
        "cleanText": "",
        "keyword": "QR",
        "receivedAt": "2026-11-23T08:30:00.220+0000",
        "smsCount": 1,
        "price": {"pricePerMessage": 0, "currency": "EUR"},
        "callbackData": None,
        **changes,
    }


def a_report(ref: str, group: str, name: str = "", **changes: Any) -> dict[str, Any]:
    return {
        "bulkId": "b-1",
        "messageId": ref,
        "to": "84912345678",
        "sentAt": "2026-11-23T08:30:00.000+0000",
        "doneAt": "2026-11-23T08:30:02.000+0000",
        "smsCount": 1,
        "status": {
            "groupId": 1,
            "groupName": group,
            "id": 5,
            "name": name or f"{group}_SOMETHING",
            "description": f"what became of the text to {PHONE}",
        },
        "error": {"groupId": 1, "id": 27, "name": "EC_ABSENT_SUBSCRIBER", "permanent": False},
        **changes,
    }


class TestInfobip(SmsContract):
    provider = Infobip(ours=OURS)
    needed = ("messageId", "from", "to", "text")
    receipt_needed = ("messageId", "status")
    statuses = {**GROUPS, "DELIVERED_TO_OPERATOR": Status.SENT}

    def message(
        self, text: str = "QR", *, id: str = "", phone: str = PHONE, drop: str = ""
    ) -> Asked:
        result = a_text(messageId=id, text=text, **{"from": phone.lstrip("+")})
        result.pop(drop, None)
        return posted("message", result)

    def receipt(self, outgoing_id: str, ref: str, word: str, *, drop: str = "") -> Asked:
        group = "DELIVERED" if word == "DELIVERED_TO_OPERATOR" else word
        result = a_report(ref, group, word if group != word else "")
        result.pop(drop, None)
        return posted("receipt", result)

    def ref_of(self, message: Outgoing) -> str:
        return message.id

    def broken(self) -> Iterator[tuple[Asked, int]]:
        yield posted("message", a_text(), content_type=FORM), 415
        yield posted("message", a_text(), content_type=""), 415
        yield posted("message"), 400
        yield posted("message", "text"), 400
        yield posted("message", None, 5, []), 400
        yield posted("message", a_text(text=5)), 400
        yield posted("message", a_text(messageId="x" * 65)), 400
        yield posted("message", a_text(messageId="\x00")), 400
        yield posted("message", a_text(**{"from": {}})), 400
        yield posted("receipt", a_report("1", "UNHEARD_OF")), 400
        yield posted("receipt", a_report("1", "DELIVERED", status="DELIVERED")), 400
        yield posted("receipt", *[a_text()] * 1001), 400
        yield (f"{PATH}/message", {"data": b'{"results": {}}', "content_type": JSON}), 400
        yield (f"{PATH}/message", {"data": b"{}", "content_type": JSON}), 400

    def reply_in(self, body: bytes) -> str:
        return body.decode()

    def test_a_hundred_reports_in_one_call(
        self, client: FlaskClient, database: Database, outbox: Outbox
    ) -> None:
        sent = [self.put(database, outbox)[0].id for _ in range(20)]
        reports = [a_report(ref, "DELIVERED") for ref in sent]
        others = [a_report(str(uuid.uuid4()), "REJECTED") for _ in range(80)]
        assert self.call(client, posted("receipt", *reports, *others)).status_code == 200
        assert {outbox.status(one) for one in sent} == {Status.DELIVERED}
        assert self.counts(database) == (0, 100)

    def test_what_cannot_be_read_does_not_cost_the_rest(
        self, client: FlaskClient, database: Database
    ) -> None:
        good = [a_text(messageId=f"m{number}") for number in range(3)]
        bad = [a_text(messageId=""), "nonsense", a_text(text=None), None]
        asked = posted("message", good[0], *bad, *good[1:])
        assert self.call(client, asked).status_code == 200
        assert self.call(client, asked).status_code == 200
        assert self.counts(database) == (3, 0)

    def test_of_a_report_only_names_are_kept(self) -> None:
        result = a_report("m1", "UNDELIVERABLE", "UNDELIVERABLE_NOT_DELIVERED")
        receipt = self.provider.read_receipt(
            CoreAsked("receipt", b"", json.dumps(result).encode(), JSON)
        )
        assert receipt is not None
        assert receipt.words == "UNDELIVERABLE_NOT_DELIVERED EC_ABSENT_SUBSCRIBER"
        assert receipt.outgoing_id == "m1", "the id there is the one that we gave"

    @pytest.mark.parametrize("name", ["84912345678", f"to {PHONE}", "é", "", None, 5, {}])
    def test_what_may_be_more_than_a_name_is_not_kept(self, name: Any) -> None:
        result = a_report("m1", "REJECTED", error={"name": name})
        result["status"]["name"] = name
        receipt = self.provider.read_receipt(
            CoreAsked("receipt", b"", json.dumps(result).encode(), JSON)
        )
        assert receipt is not None
        assert receipt.words == ""
