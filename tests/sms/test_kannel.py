"""Kannel's calls to us: the contract, and the bytes it hands on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from core.asked import Asked as CoreAsked
from core.errors import Malformed
from core.outbox.outgoing import Outgoing, Status
from sms.providers.kannel import STATUSES, Kannel
from tests.fakes import PHONE
from tests.sms.contract import OURS, SECRET, Asked, SmsContract, Watched

PATH = f"/sms/kannel/{SECRET}"
UUID = "11111111-1111-5111-8111-111111111111"


def query(**fields: str | bytes) -> str:
    """As Kannel writes it: bytes percent-coded, spaces as plus signs."""
    return urlencode({name.rstrip("_"): value for name, value in fields.items()})


class TestKannel(SmsContract):
    provider = Kannel(ours=OURS)
    needed = ("id", "from", "to", "text")
    receipt_needed = ("id", "type")
    statuses = {**STATUSES, "3": None, "32": None}

    def message(
        self, text: str = "QR", *, id: str = "", phone: str = PHONE, drop: str = ""
    ) -> Asked:
        fields: dict[str, str | bytes] = {
            "from": phone.lstrip("+"),
            "to": "8888",
            "text": text.encode("utf-16-be"),
            "charset": "UTF-16BE",
            "coding": "2",
            "id": id,
            "ts": "1795420800",
            "smsc": "FAKE",
            "udh": "",
        }
        fields.pop(drop, None)
        return f"{PATH}/message?{urlencode(fields)}", {}

    def receipt(self, outgoing_id: str, ref: str, word: str, *, drop: str = "") -> Asked:
        fields = {"id": outgoing_id, "type": word, "answer": "ACK/"}
        fields.pop(drop, None)
        return f"{PATH}/receipt?{urlencode(fields)}", {}

    def ref_of(self, message: Outgoing) -> str:
        return message.id

    def broken(self) -> Iterator[tuple[Asked, int]]:
        def asked(**changes: str | bytes) -> Asked:
            fields: dict[str, str | bytes] = {"from": PHONE, "to": "8888", "id": "1", "text": "QR"}
            return f"{PATH}/message?{urlencode({**fields, **changes})}", {}

        yield asked(text=b"\xff\xfe"), 400
        yield asked(text=b"\x00", charset="UTF-16BE"), 400
        yield asked(text=b"\xd8\x00\x00A", charset="UTF-16BE"), 400
        yield asked(charset="KLINGON"), 400
        yield asked(id="\x00"), 400
        yield asked(id="x" * 65), 400
        yield asked(**{"from": "\xff"}), 400
        yield (f"{PATH}/message?%&=&&", {}), 400
        yield (f"{PATH}/receipt?id=no-uuid&type=1", {}), 400
        yield (f"{PATH}/receipt?id={UUID}&type=delivered", {}), 400

    def reply_in(self, body: bytes) -> str:
        return body.decode()

    @pytest.mark.parametrize(
        ("text", "charset", "coding", "said"),
        [
            (b"QR", "UTF-8", "0", "QR"),
            ("Lịch khám".encode("utf-16-be"), "UTF-16BE", "2", "Lịch khám"),
            ("a b+c 😀".encode("utf-16-be"), "UTF-16BE", "2", "a b+c 😀"),
            # Bytes that mean something in a query when they are not decoded as UTF-16: & = + %
            ("Ħ㴫┦".encode("utf-16-be"), "UTF-16BE", "2", "Ħ㴫┦"),
            ("khám".encode("utf-16-be"), "", "2", "khám"),
            ("à è {|}".encode(), "", "0", "à è {|}"),
            ("été".encode("latin-1"), "ISO-8859-1", "0", "été"),
            (b"a&b=c%20+ d", "utf-8", "0", "a&b=c%20+ d"),
            (b"", "UTF-8", "0", ""),
            (b"KQ \x1b(\x00\x1b)", "", "3", "KQ {@}"),
        ],
    )
    def test_a_text_is_read_by_its_charset(
        self, text: bytes, charset: str, coding: str, said: str
    ) -> None:
        fields = query(from_="84912345678", to="8888", text=text, charset=charset, coding=coding)
        inbound = self.provider.read(CoreAsked("message", f"{fields}&id=1".encode()))
        assert inbound.said == (said,)
        assert inbound.address.value == "+84912345678"

    @pytest.mark.parametrize(
        ("written", "read"),
        [
            ("+84912345678", "+84912345678"),
            ("0912345678", "+84912345678"),
            ("447911123456", "+447911123456"),
            ("+447911123456", "+447911123456"),
        ],
    )
    def test_senders_abroad_may_come_without_their_plus(self, written: str, read: str) -> None:
        asked = CoreAsked("message", query(from_=written, to="8888", text="x", id="1").encode())
        inbound = self.provider.read(asked)
        assert (inbound.address.value, inbound.event) == (read, "resume")

    def test_a_loop_of_our_own_number_is_not_answered(self) -> None:
        own = Kannel(ours=("+84911111111",))
        for sender, to in (("84911111111", "8888"), ("0912345678", "0912345678")):
            asked = CoreAsked("message", query(from_=sender, to=to, text="x", id="1").encode())
            assert own.read(asked).event == "close"

    def test_of_the_networks_words_only_the_codes_are_kept(self) -> None:
        words = f"id:M1 sub:001 stat:UNDELIV err:0a1 text:Ket qua cua {PHONE} stat:"
        fields = query(id=UUID, type="2", answer=words)
        receipt = self.provider.read_receipt(CoreAsked("receipt", fields.encode()))
        assert receipt is not None
        assert receipt.words == "stat:UNDELIV err:0a1"
        assert (receipt.status, receipt.outgoing_id) == (Status.FAILED, UUID)

    def test_what_is_no_text_is_named_and_not_repeated(self) -> None:
        fields = query(from_=PHONE, to="8888", text=b"\xff" + PHONE.encode(), id="1")
        with pytest.raises(Malformed) as caught:
            self.provider.read(CoreAsked("message", fields.encode()))
        assert str(caught.value) == "text"

    def test_only_listed_addresses_may_call(
        self, parts: dict[str, Any], log: Any, watched: Watched
    ) -> None:
        client = self.make_client({**parts, "addresses": {"kannel": ("127.0.0.0/8",)}})
        asked = self.message(id=self.new_id())
        assert self.call(client, asked).status_code == 200
        elsewhere = {"environ_base": {"REMOTE_ADDR": "192.0.2.1"}}
        assert self.call(client, asked, **elsewhere).status_code == 403

    def test_no_secret_means_no_address(self, parts: dict[str, Any]) -> None:
        client = self.make_client({**parts, "secrets": {}})
        assert self.call(client, self.message(id="1")).status_code == 404

    def test_it_calls_by_get_only(self, client: FlaskClient) -> None:
        assert client.post(f"{PATH}/message").status_code == 405
