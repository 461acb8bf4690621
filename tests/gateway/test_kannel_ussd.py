"""An operator's USSD link by its settings: how it is heard, and what is shown to who has not dialled."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request
from werkzeug.test import TestResponse

from core.errors import SendNever
from core.message import Address, Channel, Page
from core.outbox.outgoing import Outgoing, Purpose
from core.outbox.ports import Sender
from gateway import app, kannel_ussd, senders, settings, wiring
from gateway.settings import Settings
from gateway.settings_checks import SettingsError
from tests.fakes import PHONE
from tests.gateway.conftest import SECRET
from tests.sms import test_kannel_sender
from tests.sms.senders import PASSWORD
from tests.sms.test_kannel_sender import raw, understood
from tests.ussd.kannel_calls import query_of

LINK = {
    "env": "development",
    "public_url": "https://motcua.example.vn/",
    "kannel_username": "gw",
    "kannel_password": PASSWORD,
    "kannel_from": "YTE",
    "kannel_ussd_smsc": "USSD1",
    "kannel_ussd_from": "1022",
    "path_secrets": {"kannel": "kannel-path-secret"},
}


def shown(text: str) -> Outgoing:
    return Outgoing("key-1", Address("phone", PHONE), Channel.USSD, Page(text), Purpose.RESULT)


class TestKannelUssdSender(test_kannel_sender.TestKannelSender):
    """It keeps all the rules that texts keep, and those of a page."""

    def sender(self, base: str, **changes: object) -> Sender:
        values = {**LINK, "kannel_url": f"{base.rstrip('/')}{self.path}", **changes}
        made = kannel_ussd.sender(Settings.model_validate(values))
        assert made is not None
        return made

    def report_address(self, request: Request) -> str:
        assert raw(request, "dlr-mask") == b"24"
        return raw(request, "dlr-url").decode()

    def test_it_carries_sms(self) -> None:
        """Pages, and no texts."""
        assert set(self.sender("http://127.0.0.1:9").serves) == {("phone", Channel.USSD)}
        assert self.sender("http://127.0.0.1:9").provider == "kannel-ussd"

    @pytest.mark.parametrize("text", ["Ket qua: am tinh", "a & b=c + 100% {x}", "x" * 160])
    def test_what_is_sent_arrives_as_it_was(
        self, other: HTTPServer, taken: list[Request], text: str
    ) -> None:
        message = shown(text)
        sent = self.sender(other.url_for("")).send(message)
        assert (sent.provider_ref, sent.segments) == (message.id, 1)
        assert (raw(taken[0], "to").decode(), understood(taken[0])) == (PHONE, text)
        assert raw(taken[0], "from") == b"1022"
        assert raw(taken[0], "smsc") == b"USSD1"
        assert raw(taken[0], "meta-data") == b"?smpp?ussd_service_op=%33"
        assert message.id in self.report_address(taken[0])

    def test_a_message_that_kannel_keeps_for_later_is_taken(self, httpserver: HTTPServer) -> None:
        sender = self.answering(httpserver, 202, "3: Queued for later delivery")
        assert sender.send(shown("Kết quả đã có")).provider_ref

    def test_what_does_not_fit_a_page_is_never_sent(
        self, other: HTTPServer, taken: list[Request]
    ) -> None:
        base = other.url_for("")
        for text in ("x" * 161, "{" * 81, "đ" * 81):
            with pytest.raises(SendNever, match="too long"):
                self.sender(base).send(shown(text))
        assert taken == []
        for text in ("x" * 182, "đ" * 80):
            self.sender(base, kannel_ussd_limit=182).send(shown(text))
        assert len(taken) == 2

    def test_operation_and_alphabet_are_the_centres_own(
        self, other: HTTPServer, taken: list[Request]
    ) -> None:
        changes = {"kannel_ussd_op_notify": 32, "kannel_ussd_data_coding": 15}
        sender = self.sender(other.url_for(""), **changes)
        sender.send(shown("Ket qua da co"))
        sender.send(shown("Kết quả đã có"))
        assert raw(taken[0], "meta-data") == b"?smpp?ussd_service_op=%33%32&data_coding=%31%35"
        assert raw(taken[1], "meta-data") == b"?smpp?ussd_service_op=%33%32"

    def test_our_number_is_that_of_texts_where_it_has_none_of_its_own(
        self, other: HTTPServer, taken: list[Request]
    ) -> None:
        self.sender(other.url_for(""), kannel_ussd_from="").send(shown("Ket qua da co"))
        assert raw(taken[0], "from") == b"YTE"


@pytest.mark.parametrize(
    "missing", [{"kannel_ussd_smsc": ""}, {"kannel_url": ""}, {"path_secrets": {}}]
)
def test_without_a_link_there_is_none(missing: dict[str, object]) -> None:
    values = {**LINK, "kannel_url": "http://127.0.0.1:9", **missing}
    assert kannel_ussd.sender(Settings.model_validate(values)) is None


def test_the_worker_shows_pages_where_a_link_is_named(house: wiring.House) -> None:
    def carried() -> set[str]:
        return {sender.provider for sender in senders.senders(house)}

    assert "kannel-ussd" not in carried()
    linked = house.settings.model_copy(update={"kannel_ussd_smsc": "USSD1"})
    house = replace(house, settings=linked)
    assert "kannel-ussd" in carried()


def test_the_centres_dialect_is_what_the_settings_say(
    house: wiring.House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Operations, session and the size of a page, from the environment to the answer."""
    for name, value in {
        "OPS_OVER": "23, 0",
        "OP_DIALLED": "32",
        "OP_ASK": "34",
        "SESSION": "user_message_reference",
        "LIMIT": "60",
    }.items():
        monkeypatch.setenv(f"MOTCUA_KANNEL_USSD_{name}", value)
    read = settings.load()
    assert read.kannel_ussd_ops_over == (23, 0)
    client = app.make(replace(house, settings=read)).test_client()

    def answer(op: bytes) -> TestResponse:
        told = {"ussd_service_op": op, "user_message_reference": b"7"}
        return client.get(f"/ussd/kannel/{SECRET}", query_string=query_of("*1022#", told))

    page = answer(b"\x20")
    assert 0 < len(page.data) <= 60
    told = "?smpp?ussd_service_op=%33%34&user_message_reference=%37"
    assert page.headers["X-Kannel-Meta-Data"] == told
    assert answer(b"\x17").data == b""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OPS_OVER", "17,256"),
        ("OPS_OVER", "seventeen"),
        ("OP_ASK", "-1"),
        ("SESSION", "its session"),
        ("SESSION", "x&y=z"),
        ("LIMIT", "183"),
        ("SMSC", "a b"),
    ],
)
def test_what_no_centre_can_mean_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, value: str
) -> None:
    monkeypatch.setenv("MOTCUA_ENV", "development")
    monkeypatch.setenv("MOTCUA_VAR", str(tmp_path))
    monkeypatch.setenv(f"MOTCUA_KANNEL_USSD_{name}", value)
    with pytest.raises(SettingsError, match=f"MOTCUA_KANNEL_USSD_{name}"):
        settings.load(servers=False)


def test_lists_of_other_settings_are_read_as_ever(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MOTCUA_ENV", "development")
    monkeypatch.setenv("MOTCUA_VAR", str(tmp_path))
    monkeypatch.setenv("MOTCUA_SMS_SENDERS", "YTE, 1022")
    read = settings.load(servers=False)
    assert (read.sms_senders, read.kannel_ussd_ops_over) == (("YTE", "1022"), (17, 19, 129))
