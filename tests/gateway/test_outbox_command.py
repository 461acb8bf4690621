"""`python -m gateway outbox`: an operator sees what failed, reads its story and sends it again."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.clock import now
from core.outbox.outgoing import Status
from core.store.database import Database
from core.store.outbox import Outbox
from core.store.vault import Vault
from gateway import settings
from gateway.outbox import command
from tests.core.store.messages import begins, message, put


class Operator:
    """Calls the command with the settings of a house, and knows its outbox."""

    def __init__(self, environment: dict[str, str], outbox: Outbox, database: Database) -> None:
        self.environment = environment
        self.outbox = outbox
        self.database = database

    def runs(self, *arguments: str, says: str | None = None) -> Result:
        runner = CliRunner(env={**self.environment, "COLUMNS": "200"})
        return runner.invoke(command, arguments, input=says)

    def failed(self, count: int) -> list[str]:
        """Ids of messages that failed."""
        put(self.database, self.outbox, *(message(f"m{number}") for number in range(count)))
        claimed = self.outbox.claim(count)
        for one in claimed:
            begins(self.outbox, one, "esms")
            self.outbox.end(one, Status.FAILED, "CodeResult 104", "esms")
        return [one.outgoing.id for one in claimed]


@pytest.fixture
def operator(
    fresh_database_url: str, redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Operator:
    environment = {
        "DATABASE_URL": fresh_database_url,
        "REDIS_URL": redis_url,
        "MOTCUA_ENV": "development",
        "MOTCUA_VAR": str(tmp_path),
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    made = settings.load()
    vault = Vault(made.field_key_ring, made.secret_key.get_secret_value().encode())
    database = Database(fresh_database_url)
    return Operator(environment, Outbox(database, vault, now), database)


def test_what_failed_is_listed_and_shown(operator: Operator) -> None:
    (name,) = operator.failed(1)
    listed = operator.runs("list")
    assert listed.exit_code == 0
    for said in (name, "CodeResult 104", "+84******678", "1 of 1 that failed"):
        assert said in listed.output
    shown = operator.runs("show", name)
    assert "given" in shown.output
    assert "failed" in shown.output
    assert "912345" not in listed.output + shown.output
    assert operator.runs("show", "nothing").exit_code == 1


def test_one_is_sent_again_by_its_name(operator: Operator) -> None:
    (name,) = operator.failed(1)
    assert "1 are sent again" in operator.runs("replay", name).output
    assert operator.outbox.status(name) is Status.QUEUED
    refused = operator.runs("replay", name)
    assert (refused.exit_code, "not-failed" in refused.output) == (1, True)


def test_all_are_sent_again_in_lots(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.outbox.BATCH", 4)
    names = operator.failed(10)
    declined = operator.runs("replay", "--all", says="n\n")
    assert (declined.exit_code, "Send 10 messages again?" in declined.output) == (1, True)
    nobodys = operator.runs("replay", "--all", "--provider", "kannel", "--hours", "1")
    assert "0 are sent again" in nobodys.output
    done = operator.runs("replay", "--all", "--provider", "esms", "--yes")
    assert (done.exit_code, "10 are sent again" in done.output) == (0, True)
    assert {operator.outbox.status(name) for name in names} == {Status.QUEUED}


def test_it_must_be_said_what_is_to_be_sent_again(operator: Operator) -> None:
    assert operator.runs("replay").exit_code == 2
    assert operator.runs("replay", "x", "--all").exit_code == 2
