"""`python -m gateway keys`: made once in clear, listed without secrets, withdrawn at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.clock import now
from core.store.api_keys import ApiKeys
from core.store.database import Database
from gateway.keys import command


@pytest.fixture
def keys(fresh_database_url: str) -> ApiKeys:
    return ApiKeys(Database(fresh_database_url), now)


@pytest.fixture
def environment(fresh_database_url: str, redis_url: str, tmp_path: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": fresh_database_url,
        "REDIS_URL": redis_url,
        "MOTCUA_ENV": "development",
        "MOTCUA_VAR": str(tmp_path),
    }


def run(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner(env=environment).invoke(command, arguments)


def test_a_key_is_made_listed_and_revoked(environment: dict[str, str], keys: ApiKeys) -> None:
    made = run(
        environment, "make", "--name", "Chốt số 3", "--scope", "verify", "--scope", "messages:send"
    )
    assert made.exit_code == 0
    key = made.stdout.strip()
    found = keys.check(key)
    assert found is not None
    assert (found.name, found.scopes) == ("Chốt số 3", ("verify", "messages:send"))
    listed = run(environment, "list").stdout
    assert found.id in listed
    assert "Chốt số 3" in listed
    assert key.split("_", 2)[2] not in listed
    assert run(environment, "revoke", found.id).exit_code == 0
    assert keys.check(key) is None
    assert "revoked" in run(environment, "list").stdout


def test_what_makes_no_sense_is_refused(environment: dict[str, str]) -> None:
    assert run(environment, "make", "--name", "x", "--scope", "everything").exit_code == 2
    assert run(environment, "make", "--name", "x").exit_code == 2
    unknown = run(environment, "revoke", "nobody")
    assert unknown.exit_code == 1
    assert "there is no key nobody in use" in unknown.output


def test_a_key_gets_a_webhook_and_loses_it(environment: dict[str, str], keys: ApiKeys) -> None:
    key = keys.make("lab", ("messages:send",)).split("_")[1]
    made = run(environment, "hook", key, "http://127.0.0.1:9/told")
    assert made.exit_code == 0
    assert made.stdout.startswith("whsec_")
    assert run(environment, "hook", key, "http://127.0.0.1:9/told").stdout != made.stdout
    assert run(environment, "hook", key, "--off").exit_code == 0
    assert run(environment, "hook", key, "--off").exit_code == 1
    assert run(environment, "hook", key).exit_code == 2
    assert run(environment, "hook", "nobody", "https://example.org/").exit_code == 1
    inside = {**environment, "MOTCUA_WEBHOOK_INTERNAL": "false"}
    for url in ("https://127.0.0.1/told", "http://hooks.example.vn/told"):
        refused = run(inside, "hook", key, url)
        assert refused.exit_code == 1
        assert "our own network" in refused.output or "https://" in refused.output
