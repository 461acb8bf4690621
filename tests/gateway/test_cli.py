"""The command line: one line for what is wrong, and no command imports what it does not need."""

import subprocess
import sys
from pathlib import Path

import pytest
import redis.exceptions

from gateway import cli, logs
from gateway.cli import COMMANDS
from gateway.settings_page import settings_page
from tests.conftest import ROOT


def gateway(*arguments: str, environ: dict[str, str] | None = None) -> tuple[int, str, str]:
    """Run the command line in an empty directory's stead; returns status, output and errors."""
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *arguments],
        env={"PYTHONPATH": str(ROOT)} | (environ or {}),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_help_lists_commands_without_importing_them() -> None:
    show = "import sys; from gateway.cli import gateway; "
    show += "gateway(['--help'], standalone_mode=False); "
    show += "print([name for name in ('granian', 'telegram', 'flask') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", show], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "Start everything on this machine" in done.stdout
    assert done.stdout.endswith("[]\n")


@pytest.mark.parametrize("command", [("keys", "make"), ("outbox", "replay"), ("campaign", "new")])
def test_help_needs_no_settings(command: tuple[str, ...]) -> None:
    status, out, err = gateway(*command, "--help")
    assert (status, err) == (0, "")
    assert out.startswith(f"Usage: python -m gateway {' '.join(command)}")


def test_every_command_of_the_table_has_a_line() -> None:
    assert all(entry.summary.endswith(".") for entry in COMMANDS.values())


def test_a_wrong_setting_ends_it_with_one_line(tmp_path: Path) -> None:
    environ = {"MOTCUA_VAR": str(tmp_path), "MOTCUA_SERVISE_CODE": "*1#"}
    status, out, err = gateway("doctor", environ=environ)
    assert (status, out) == (2, "")
    assert err == "Error: MOTCUA_SERVISE_CODE is not a setting: did you mean MOTCUA_SERVICE_CODE?\n"


def test_run_is_refused_in_production(tmp_path: Path) -> None:
    environ = {
        "MOTCUA_VAR": str(tmp_path),
        "MOTCUA_ENV": "production",
        "MOTCUA_SECRET_KEY": "s" * 32,
        "MOTCUA_FIELD_KEYS": "k1:" + "QUFB" * 10 + "QUE=",
    }
    status, _, err = gateway("run", environ=environ)
    assert status == 1
    assert "Procfile" in err


def test_doctor_says_what_is_well_and_what_is_not(
    database_url: str, redis_url: str, sandbox: str, tmp_path: Path
) -> None:
    environ = {
        "MOTCUA_VAR": str(tmp_path),
        "MOTCUA_ENV": "development",
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "PLATFORM_FHIR_URL": f"{sandbox}/fhir",
    }
    status, out, _ = gateway("doctor", environ=environ)
    lines = dict(line[2:].split(": ", 1) for line in out.splitlines())
    assert status == 1
    assert lines["PostgreSQL"].startswith("version 18")
    assert lines["Redis"].startswith("valkey")
    assert lines["FHIR platform"] == "answers (200)"
    assert "QRQG_URL" in lines["QRQG platform"]


def test_doctor_gives_no_password_away(tmp_path: Path) -> None:
    environ = {
        "MOTCUA_VAR": str(tmp_path),
        "MOTCUA_ENV": "development",
        "DATABASE_URL": "postgresql://motcua:hunter2@127.0.0.1:9/motcua",
        "REDIS_URL": "redis://:hunter2@127.0.0.1:9/0",
    }
    status, out, err = gateway("doctor", environ=environ)
    assert status == 1
    assert "hunter2" not in out + err
    assert "look at DATABASE_URL" in out


def test_the_settings_page_says_what_the_code_says() -> None:
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == settings_page(), "run `make docs`"


@pytest.mark.parametrize(
    ("address", "status", "said"),
    [
        ("postgresql://me:secret@127.0.0.1:1/x", 1, "PostgreSQL cannot be used (connection failed"),
        ("garbage", 2, "DATABASE_URL is no address of a database"),
    ],
)
@pytest.mark.parametrize("command", [("migrate",), ("keys", "list")])
def test_a_database_that_is_not_there_is_one_line(
    tmp_path: Path, command: tuple[str, ...], address: str, status: int, said: str
) -> None:
    environ = {
        "MOTCUA_VAR": str(tmp_path),
        "MOTCUA_ENV": "development",
        "DATABASE_URL": address,
        "REDIS_URL": "redis://127.0.0.1:1/0",
    }
    ended, _, err = gateway(*command, environ=environ)
    assert (ended, err.count("\n")) == (status, 1), err
    assert said in err
    assert "secret" not in err


def test_redis_that_is_away_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def away(**_: object) -> None:
        raise redis.exceptions.ConnectionError("Error 111 connecting to redis://:secret@host")

    monkeypatch.setattr(cli, "gateway", away)
    monkeypatch.setattr(logs, "quiet", lambda: None)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 1
    said = capsys.readouterr().err
    assert said == "Error: Redis cannot be used (ConnectionError): look at REDIS_URL\n"


def test_any_other_mistake_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: object) -> None:
        raise LookupError

    monkeypatch.setattr(cli, "gateway", broken)
    monkeypatch.setattr(logs, "quiet", lambda: None)
    with pytest.raises(LookupError):
        cli.main()
