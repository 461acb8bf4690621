"""The limits of the platforms that can be set are kept, and no setting is idle."""

from __future__ import annotations

import re

import pytest
from pytest_httpserver import HTTPServer

from core.clock import Deadline
from core.errors import Down, Late
from core.platform.limits import Limits
from core.platform.qrqg import Qrqg, QrqgSettings
from gateway.platform_parts import credentials_of, limits_of
from gateway.settings import Settings
from tests.conftest import ROOT
from tests.gateway.test_settings import settings

SPREAD = re.compile(r"_(path_secret|addresses)$")
"""Settings that are looked up by the name of a provider."""


def test_each_setting_is_the_limit_that_it_names(
    monkeypatch: pytest.MonkeyPatch, development: dict[str, str]
) -> None:
    read = settings(
        monkeypatch,
        development
        | {
            "MOTCUA_PLATFORM_DEADLINE": "1.5",
            "MOTCUA_PLATFORM_CONNECT_SECONDS": "0.5",
            "MOTCUA_PLATFORM_POOL": "3",
            "MOTCUA_PLATFORM_BODY_LIMIT": "400",
            "MOTCUA_PLATFORM_BREAKER_FAILURES": "2",
            "MOTCUA_PLATFORM_BREAKER_SECONDS": "60",
            "PLATFORM_TOKEN_URL": "http://127.0.0.1:9/token",
            "PLATFORM_SCOPE": "system/*.read",
        },
    )
    assert limits_of(read) == Limits(
        seconds=1.5, connect_seconds=0.5, connections=3, body=400, failures=2, rest=60.0
    )
    credentials = credentials_of(read)
    assert credentials is not None
    assert credentials.scope == "system/*.read"


def test_the_limits_hold(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/v1/personal-qr/big").respond_with_json({"qid": "x" * 500})
    httpserver.expect_request("/v1/personal-qr/sick").respond_with_json({}, status=500)
    limits = Limits(body=400, failures=2, rest=60.0)
    client = Qrqg(QrqgSettings(url=httpserver.url_for(""), limits=limits))
    with pytest.raises(Down, match="size limit"):
        client.record("big", deadline=Deadline.after(5))
    for _ in range(2):
        with pytest.raises(Down):
            client.record("sick", deadline=Deadline.after(5))
    assert client.state == "open"
    assert len(httpserver.log) == 2
    hurried = Qrqg(QrqgSettings(url=httpserver.url_for(""), limits=Limits(seconds=0.0)))
    with pytest.raises(Late):
        hurried.record("big", deadline=Deadline.after(5))
    client.close()
    hurried.close()


def test_no_setting_is_idle() -> None:
    code = "\n".join(
        path.read_text()
        for folder in ("gateway", "web", "bot", "ussd", "sms")
        for path in (ROOT / folder).rglob("*.py")
        if not path.name.startswith("settings_groups")
    )
    idle = [
        name
        for name in Settings.model_fields
        if not SPREAD.search(name) and not re.search(rf"[.\"']{name}\b(?!: )", code)
    ]
    assert idle == []


@pytest.fixture
def development(tmp_path: object) -> dict[str, str]:
    return {"MOTCUA_ENV": "development", "MOTCUA_VAR": f"{tmp_path}/var"}
