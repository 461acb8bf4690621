"""eSMS's calls to us: the contract for one that brings receipts alone, and what "finished" means."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from core.asked import Asked as CoreAsked
from core.errors import Malformed
from core.outbox.outgoing import Outgoing, Status
from sms.providers.esms import STATUSES, Esms
from tests.fakes import PHONE
from tests.sms.calls import CallsContract
from tests.sms.house import SECRET, Asked

PATH = f"/sms/esms/{SECRET}/receipt"
UUID = "11111111-1111-5111-8111-111111111111"
USUAL = {
    "SMSID": "b5f0a1c2",
    "SendStatus": "5",
    "SendSuccess": "1",
    "SendFailed": "0",
    "TotalPrice": "250",
    "TotalReceiver": "1",
    "TotalSent": "1",
    "RequestId": UUID,
    "TypeId": "2",
    "telcoid": "1",
    "phonenumber": PHONE.replace("+84", "0"),
}


def called(**changes: str) -> Asked:
    return f"{PATH}?{urlencode({**USUAL, **changes})}", {}


class TestEsms(CallsContract):
    provider = Esms()
    receipt_needed = ("RequestId", "SendStatus")
    statuses = {
        **{word: status for word, (_, status) in STATUSES.items()},
        "5 failed": Status.FAILED,
        "5 nobody": None,
    }

    def receipt(self, outgoing_id: str, ref: str, word: str, *, drop: str = "") -> Asked:
        status, _, more = word.partition(" ")
        counts = {
            "": ("1", "0"),
            "failed": ("0", "1"),
            "nobody": ("0", "0"),
        }[more]
        fields = {
            **USUAL,
            "RequestId": outgoing_id,
            "SendStatus": status,
            "SendSuccess": counts[0],
            "SendFailed": counts[1],
        }
        fields.pop(drop, None)
        return f"{PATH}?{urlencode(fields)}", {}

    def ref_of(self, message: Outgoing) -> str:
        return message.id

    def broken(self) -> Iterator[tuple[Asked, int]]:
        yield called(RequestId="no-uuid"), 400
        yield called(SendStatus="6"), 400
        yield called(SendStatus="\x00"), 400
        yield called(SendFailed="many"), 400
        yield called(SendSuccess="-1"), 400
        yield called(SendFailed="1" * 40), 400
        yield (f"{PATH}?RequestId=%FF&SendStatus=5", {}), 400
        yield (f"{PATH}?%&=&&", {}), 400

    @pytest.mark.parametrize(
        ("counts", "status"),
        [
            ({"SendSuccess": "1", "SendFailed": "0"}, Status.DELIVERED),
            ({"SendSuccess": "1", "SendFailed": "1"}, Status.FAILED),
            ({"SendSuccess": "0", "SendFailed": "2"}, Status.FAILED),
            ({"SendSuccess": "0", "SendFailed": "0"}, Status.SENT),
            ({"SendSuccess": "", "SendFailed": ""}, Status.SENT),
        ],
    )
    def test_finished_is_not_arrived(self, counts: dict[str, str], status: Status) -> None:
        query = urlencode({**USUAL, **counts}).encode()
        receipt = self.provider.read_receipt(CoreAsked("receipt", query))
        assert receipt is not None
        assert (receipt.status, receipt.outgoing_id, receipt.words) == (status, UUID, "5")

    def test_there_is_no_address_for_texts(self, client: FlaskClient) -> None:
        assert client.get(PATH.replace("receipt", "message")).status_code == 404
        with pytest.raises(Malformed):
            self.provider.read(CoreAsked("message"))

    def test_it_calls_by_get_only(self, client: FlaskClient) -> None:
        assert client.post(PATH).status_code == 405
