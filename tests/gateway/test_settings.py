"""Settings: what is wrong is refused in one line, what is missing in development is made once."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.settings import Settings, load
from gateway.settings_checks import SettingsError
from tests.conftest import ROOT

FIELD_KEY = "k1:" + "QUFB" * 10 + "QUE="
PRODUCTION = {
    "MOTCUA_ENV": "production",
    "MOTCUA_SECRET_KEY": "s" * 32,
    "MOTCUA_FIELD_KEYS": FIELD_KEY,
    "DATABASE_URL": "postgres://motcua:pass@db.example.vn:5432/motcua",
    "REDIS_URL": "redis://redis.example.vn:6379/0",
}


def settings(monkeypatch: pytest.MonkeyPatch, environ: Mapping[str, str]) -> Settings:
    """What is read from this environment."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    return load(servers=environ.get("MOTCUA_ENV") == "production")


def refusal(monkeypatch: pytest.MonkeyPatch, environ: Mapping[str, str]) -> str:
    """The one line with which this environment is refused."""
    with pytest.raises(SettingsError) as refused:
        settings(monkeypatch, environ)
    line = str(refused.value)
    assert "\n" not in line
    return line


@pytest.fixture
def development(tmp_path: Path) -> dict[str, str]:
    return {"MOTCUA_ENV": "development", "MOTCUA_VAR": str(tmp_path / "var")}


def test_production_reads_what_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    read = settings(
        monkeypatch,
        PRODUCTION | {"MOTCUA_KANNEL_PATH_SECRET": "k", "MOTCUA_KANNEL_ADDRESSES": "10.0.0.1, ::1"},
    )
    assert read.sqlalchemy_url == "postgresql+psycopg://motcua:pass@db.example.vn:5432/motcua"
    assert read.field_key_ring == (("k1", b"A" * 32),)
    assert read.path_secret("kannel") == "k"
    assert read.path_secret("africastalking") is None
    assert read.addresses["kannel"] == ("10.0.0.1", "::1")
    assert read.listen_host == "0.0.0.0"
    assert not read.simulator_on


@pytest.mark.parametrize(
    "name", ["MOTCUA_SECRET_KEY", "MOTCUA_FIELD_KEYS", "DATABASE_URL", "REDIS_URL"]
)
def test_production_needs(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    line = refusal(monkeypatch, {**PRODUCTION, name: ""})
    assert line.startswith(f"{name}: not set")


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("MOTCUA_TELEGRAM_TOKN", "x", "did you mean MOTCUA_TELEGRAM_TOKEN?"),
        ("MOTCUA_PATH_SECRETS", "{}", "is not a setting"),
        ("MOTCUA_FIELD_KEYS", "k1:c2hvcnQ=", "32 bytes"),
        ("MOTCUA_FIELD_KEYS", f"{FIELD_KEY},{FIELD_KEY}", "same id"),
        ("MOTCUA_SECRET_KEY", "hunter2", "too short"),
        ("MOTCUA_OFFICER_KEY", "hunter2", "for development"),
        ("MOTCUA_SERVICE_CODE", "1022", "MOTCUA_SERVICE_CODE: "),
        ("MOTCUA_ENV", "prod", "MOTCUA_ENV: "),
        ("PORT", "80800", "PORT: "),
        ("MOTCUA_PATIENCE_USSD", "0", "MOTCUA_PATIENCE_USSD: "),
        ("MOTCUA_NALO_PAGE", "1000", "MOTCUA_NALO_PAGE: "),
        ("MOTCUA_HUBTEL_PATIENCE", "soon", "MOTCUA_HUBTEL_PATIENCE: "),
    ],
)
def test_production_refuses(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str
) -> None:
    line = refusal(monkeypatch, {**PRODUCTION, name: value})
    assert says in line
    assert "hunter2" not in line


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = repr(settings(monkeypatch, PRODUCTION))
    assert "s" * 32 not in shown
    assert "pass@" not in shown


def test_development_makes_up_what_is_missing_and_keeps_it(
    monkeypatch: pytest.MonkeyPatch, development: dict[str, str]
) -> None:
    first = settings(monkeypatch, development)
    kept = Path(development["MOTCUA_VAR"]) / "development.json"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert len(first.secret_key.get_secret_value()) >= 32
    assert first.path_secret("africastalking") != first.path_secret("kannel")
    assert first.simulator_on

    again = settings(monkeypatch, {**development, "MOTCUA_KANNEL_PATH_SECRET": "chosen"})
    assert again.secret_key == first.secret_key
    assert again.field_key_ring == first.field_key_ring
    assert again.path_secret("africastalking") == first.path_secret("africastalking")
    assert again.path_secret("kannel") == "chosen"


def test_two_processes_that_start_at_once_agree(development: dict[str, str]) -> None:
    show = "from gateway.settings import load; "
    show += "print(load(servers=False).secret_key.get_secret_value())"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", show],
            env=development,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    said = {process.communicate(timeout=60)[0] for process in started}
    assert len(said) == 1
    assert len(said.pop().strip()) >= 32
