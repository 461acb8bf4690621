"""Providers of texts by their settings alone: understood when a process starts, or refused in one line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from sqlalchemy import delete

from core.message import Channel
from core.outbox.budget import read_rates
from core.outbox.dispatcher import Dispatcher
from core.outbox.outgoing import Status
from core.outbox.routes import Routes
from core.store.tables import inbox, outgoing, receipt
from gateway import app, ready, wiring
from gateway.senders import senders
from gateway.settings import GROUPS, Settings, load
from gateway.settings_checks import SettingsError
from gateway.settings_httpsms import FIELDS, prefix_of, rows
from gateway.settings_names import known_names
from tests.conftest import ROOT
from tests.core.outbox.provider import carry
from tests.gateway.conftest import SECRET, a_house
from tests.sms.described import SONGHUONG

PHONE = "+84912345678"
SET_UP = {
    "MOTCUA_ESMS_API_KEY": "k",
    "MOTCUA_ESMS_SECRET_KEY": "s",
    "MOTCUA_ESMS_BRANDNAME": "YTE",
    "MOTCUA_SPEEDSMS_TOKEN": "t",
    "MOTCUA_SPEEDSMS_FROM": "YTE2",
    "MOTCUA_INFOBIP_API_KEY": "k",
    "MOTCUA_INFOBIP_API_URL": "https://x.api.infobip.com",
    "MOTCUA_INFOBIP_FROM": "YTE3",
    "MOTCUA_AFRICASTALKING_API_KEY": "k",
    "MOTCUA_AFRICASTALKING_USERNAME": "u",
    "MOTCUA_AFRICASTALKING_FROM": "YTE4",
    "MOTCUA_TWILIO_ACCOUNT_SID": "AC1",
    "MOTCUA_TWILIO_MESSAGING_SERVICE_SID": "MG" + "a" * 32,
    "MOTCUA_TWILIO_WHATSAPP_FROM": "+14155238886",
    "MOTCUA_TWILIO_WHATSAPP_CONTENT_SID": "HX" + "a" * 32,
}


def described(name: str, values: Mapping[str, str]) -> dict[str, str]:
    """The environment that describes this provider."""
    settings = {f"{prefix_of(name)}{setting}": value for setting, value in values.items()}
    return {"MOTCUA_HTTPSMS": name, **settings}


def loaded(monkeypatch: pytest.MonkeyPatch, var: Path, environment: Mapping[str, str]) -> Settings:
    values = {"MOTCUA_ENV": "development", "MOTCUA_VAR": str(var), **environment}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return load(servers=False)


def refusal(monkeypatch: pytest.MonkeyPatch, var: Path, environment: Mapping[str, str]) -> str:
    with pytest.raises(SettingsError) as refused:
        loaded(monkeypatch, var, environment)
    line = str(refused.value)
    assert "\n" not in line
    return line


@pytest.mark.parametrize(
    ("environment", "says"),
    [
        (
            {"MOTCUA_ESMS_API_KEY": "k", "MOTCUA_ESMS_SECRET_KEY": "s"},
            "MOTCUA_ESMS_BRANDNAME: not set, and MOTCUA_ESMS_API_KEY needs it",
        ),
        ({"MOTCUA_SPEEDSMS_TOKEN": "t"}, "MOTCUA_SPEEDSMS_FROM: not set"),
        ({"MOTCUA_INFOBIP_API_KEY": "k"}, "MOTCUA_INFOBIP_API_URL: not set"),
        ({"MOTCUA_AFRICASTALKING_API_KEY": "k"}, "MOTCUA_AFRICASTALKING_USERNAME: not set"),
        (
            {"MOTCUA_TWILIO_ACCOUNT_SID": "AC1"},
            "MOTCUA_TWILIO_FROM or MOTCUA_TWILIO_MESSAGING_SERVICE_SID: not set",
        ),
        ({"MOTCUA_TWILIO_WHATSAPP_FROM": "+1415"}, "MOTCUA_TWILIO_WHATSAPP_FROM: "),
        ({"MOTCUA_TWILIO_WHATSAPP_FROM": "+14155238886"}, "MOTCUA_TWILIO_ACCOUNT_SID: not set"),
        ({"MOTCUA_TWILIO_WHATSAPP_CONTENT_SID": "HX1"}, "MOTCUA_TWILIO_WHATSAPP_CONTENT_SID: "),
        ({"MOTCUA_ESMS_BRANDNAME": "Y" * 12}, "MOTCUA_ESMS_BRANDNAME: "),
        ({"MOTCUA_SPEEDSMS_SMS_TYPE": "9"}, "MOTCUA_SPEEDSMS_SMS_TYPE: "),
        ({"MOTCUA_INFOBIP_SMS_VERSION": "4"}, "MOTCUA_INFOBIP_SMS_VERSION: "),
        ({"MOTCUA_HTTPSMS": "Viettel"}, "MOTCUA_HTTPSMS: a name is 2 to 20 small letters"),
        ({"MOTCUA_HTTPSMS": "kannel"}, "MOTCUA_HTTPSMS: `kannel` is a provider of its own"),
        ({"MOTCUA_HTTPSMS": ",".join(f"p{n}" for n in range(9))}, "at most 8 providers"),
        ({"MOTCUA_HTTPSMS": "fpt"}, "MOTCUA_HTTPSMS_FPT_URL: set it to send"),
        ({"MOTCUA_HTTPSMS_FPT_URL": "https://a.vn"}, "put `fpt` into MOTCUA_HTTPSMS first"),
        (
            described("fpt", SONGHUONG) | {"MOTCUA_HTTPSMS_FPT_BODDY": "x"},
            "did you mean MOTCUA_HTTPSMS_FPT_BODY?",
        ),
        (described("fpt", {**SONGHUONG, "CODES": "0=ok"}), "MOTCUA_HTTPSMS_FPT_CODES: `ok`: it is"),
        (described("fpt", {**SONGHUONG, "METHOD": SONGHUONG["SECRET"]}), "MOTCUA_HTTPSMS_FPT_METHOD: "),
    ],
)  # fmt: skip
def test_what_is_wrong_or_half_set_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environment: dict[str, str], says: str
) -> None:
    line = refusal(monkeypatch, tmp_path, environment)
    assert says in line
    assert SONGHUONG["SECRET"] not in line


def test_a_run_hands_described_providers_on_to_the_commands_beside_it() -> None:
    environment = described("fpt", SONGHUONG)
    assert environment.keys() <= set(known_names(GROUPS, environment))


def test_the_routes_and_rates_that_the_page_shows_can_be_read() -> None:
    page = (ROOT / "docs/sms.md").read_text(encoding="utf-8")
    (routes,) = re.findall(r"^ +MOTCUA_ROUTES=(.+)$", page, re.M)
    (rates,) = re.findall(r"^ +MOTCUA_RATES=(.+)$", page, re.M)
    assert Routes.read(routes).providers == {"kannel", "esms", "twilio"}
    assert read_rates(rates).keys() == {"kannel", "esms"}


def test_every_setting_of_a_described_provider_is_on_the_page() -> None:
    listed = {name.removeprefix("MOTCUA_HTTPSMS_<NAME>_") for name, _, _ in rows()}
    assert listed == {*FIELDS, "PATH_SECRET", "ADDRESSES"}


def test_a_described_provider_is_not_shown_with_its_secrets(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = loaded(monkeypatch, tmp_path, described("fpt", SONGHUONG))
    assert settings.httpsms["fpt"].outward is not None
    assert SONGHUONG["SECRET"] not in repr(settings)


# The whole house


@pytest.fixture
def environment(httpserver: HTTPServer) -> dict[str, str]:
    """Every provider set up; the described one is at this server."""
    values = {**SONGHUONG, "URL": httpserver.url_for("/v1/sms")}
    secret = {"MOTCUA_HTTPSMS_SONGHUONG_PATH_SECRET": SECRET}
    return {**SET_UP, **described("songhuong", values), **secret}


@pytest.fixture
def house(
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    database_url: str,
    clean_redis: str,
    sandbox: str,
    tmp_path: Path,
) -> Iterator[wiring.House]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with a_house(monkeypatch, tmp_path, database_url, clean_redis, sandbox) as built:
        yield built
        with built.database.begin() as connection:
            for table in (inbox, outgoing, receipt):
                connection.execute(delete(table))


def test_each_provider_that_is_set_up_sends(house: wiring.House) -> None:
    made = {one.provider: set(one.serves) for one in senders(house)}
    texts = {name for name, serves in made.items() if ("phone", Channel.SMS) in serves}
    expected = "kannel esms speedsms songhuong twilio infobip africastalking".split()
    assert texts == set(expected)
    assert ("whatsapp", Channel.CHAT) in made["twilio"]


def test_texts_from_any_of_our_own_names_are_not_answered(house: wiring.House) -> None:
    client = app.make(house).test_client()
    for name in ("YTE", "yte2", "YTE3", "YTE4"):
        fields = {"from": name, "to": "1022", "text": "menu", "id": name, "charset": "UTF-8"}
        client.get(f"/sms/kannel/{SECRET}/message", query_string=fields)
    waiting = house.inbox.claim(100)
    assert len(waiting) == 4
    assert all(house.hearing.hear(one) == () for one in waiting)


def test_the_file_for_scripts_lists_the_addresses_of_each(house: wiring.House) -> None:
    told: Any = ready.facts(house.settings, sandbox=None, pids={"web": 1, "worker": 2})
    sms = told["sms"]
    assert sorted(sms) == sorted(
        ["twilio", "kannel", "esms", "speedsms", "infobip", "africastalking", "songhuong"]
    )
    assert sorted(sms["esms"]) == ["receipt"]
    assert sorted(sms["twilio"]) == ["auth_token", "message", "receipt"]
    assert sms["songhuong"]["message"].endswith(f"/sms/songhuong/{SECRET}/message")
    rules = {rule.rule for rule in app.make(house).url_map.iter_rules()}
    assert "/sms/songhuong/<secret>/message" in rules


def test_a_described_provider_without_code_carries_a_conversation(
    house: wiring.House, httpserver: HTTPServer
) -> None:
    """A text comes in, is answered through it, and its receipt settles the answer."""
    answer = json.dumps({"error": 0, "data": {"id": "SH-1"}})
    httpserver.expect_request("/v1/sms", method="POST").respond_with_data(answer)
    client = app.make(house).test_client()
    event = {"id": "m1", "sender": {"number": PHONE}, "to": "1022", "text": "menu"}
    heard = client.post(f"/sms/songhuong/{SECRET}/message", json={"events": [event]})
    assert (heard.status_code, heard.text) == (200, "ACK")

    (waiting,) = house.inbox.claim(10)
    (reply,) = house.hearing.hear(waiting)
    with house.database.begin() as connection:
        house.outbox.put(connection, reply)
    (claimed,) = house.outbox.claim(10)
    (ours,) = [one for one in senders(house) if one.provider == "songhuong"]
    carry(Dispatcher(house.outbox, [ours], house.upkeep.clock), claimed)
    assert house.outbox.status(reply.id) is Status.SENT
    (asked, _) = httpserver.log[0]
    body = json.loads(asked.get_data())
    assert body["phone"] == PHONE[1:]
    assert "1 " in body["content"]
    assert body["unicode"] == "no"

    done = {"id": "SH-1", "state": "DONE"}
    client.post(f"/sms/songhuong/{SECRET}/receipt", json={"events": [done]})
    assert house.outbox.status(reply.id) is Status.DELIVERED
