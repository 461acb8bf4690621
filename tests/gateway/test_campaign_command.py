"""`python -m gateway send` and `campaign`: what they show, and one line for what cannot be done."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.clock import VIETNAM
from gateway.campaign import command as campaign
from gateway.send import command as send

TABLE = "to,name,province\n0912345678,An,56\n0912345679,Bình,79\n12,Chi,79\n"


class Terminal:
    """An operator's terminal beside a database of its own."""

    def __init__(self, environment: dict[str, str], folder: Path) -> None:
        self.runner = CliRunner(env=environment)
        self.folder = folder

    def table(self, text: str = TABLE) -> str:
        path = self.folder / "table.csv"
        path.write_text(text, encoding="utf-8")
        return str(path)

    def sends(self, *arguments: str, text: str = TABLE) -> Result:
        return self.runner.invoke(send, [self.table(text), *arguments])

    def says(self, *arguments: str) -> Result:
        return self.runner.invoke(campaign, arguments)

    def makes(self, *more: str, text: str = TABLE) -> str:
        made = self.sends("--template", "result-ready", "--as", "Lan", *more, text=text)
        found = re.search(r"([0-9a-f]{10}) is checked", made.output)
        assert found, made.output
        return found[1]

    def approves(self, made: str, who: str = "Hoà", *, edition: int = 1) -> Result:
        return self.says("approve", made, "--edition", str(edition), "--as", who)


@pytest.fixture
def terminal(fresh_database_url: str, redis_url: str, tmp_path: Path) -> Terminal:
    environment = {
        "DATABASE_URL": fresh_database_url,
        "REDIS_URL": redis_url,
        "MOTCUA_ENV": "development",
        "MOTCUA_VAR": str(tmp_path / "var"),
        "MOTCUA_ROUTES": "VN -> kannel 300",
    }
    return Terminal(environment, tmp_path)


def test_a_dry_run_shows_and_keeps_nothing(terminal: Terminal) -> None:
    shown = terminal.sends("--template", "result-ready", "--dry-run")
    assert shown.exit_code == 0, shown.output
    for line in ("rows +3", "messages +2 to 2 people", "bad +1", "money +600 ₫", "row 4: bad num"):
        assert re.search(line, shown.output), line
    assert "56: 1, 79: 1" in shown.output
    assert re.search(r"[0-9a-f]{10}", terminal.says("list").output) is None


def test_from_a_table_to_a_stop(terminal: Terminal) -> None:
    made = terminal.makes()
    assert "is draft" in terminal.says("correct", made, terminal.table(), "--as", "Lan").output
    assert "is checked" in terminal.says("check", made, "--as", "Lan").output
    assert "is approved" in terminal.approves(made, edition=2).output
    assert "is canary" in terminal.says("start", made, "--as", "Lan").output
    assert "79 paused" in terminal.says("pause", made, "--province", "79").output
    assert "is paused" in terminal.says("pause", "all", "--as", "Hoà").output
    assert "is canary" in terminal.says("resume", "all", "--as", "Hoà").output
    assert "79 stopped" in terminal.says("stop", made, "--province", "79", "--yes").output
    status = terminal.says("status", made).output
    assert "paused province 79" in status
    assert "approved  by Hoà" in status
    assert "is stopped: it is over" in terminal.says("stop", made).output
    assert made in terminal.says("list").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "say what to send: --template or --text"),
        (("--template", "result", "--text", "x"), "give either --template or --text"),
        (("--text-en", "x"), "--text-en needs --text"),
        (("--template", "x"), "is not one of"),
        (("--template", "dose-due"), "the first line must name the columns, and day is not among"),
        (("--text", "Chào {Name}"), "a hole that is no name of a column"),
        (("--text", "x", "--purpose", "reply"), "is not one of"),
        (("--text", "x", "--until", "soon"), "does not match the formats"),
        (
            ("--text", "x", "--not-before", "2026-12-02", "--until", "2026-12-01"),
            "it would be over before it begins",
        ),
        (("--text", "x", "--as", " "), "must have a name"),
    ],
)
def test_what_cannot_be_sent_is_one_line(
    terminal: Terminal, arguments: tuple[str, ...], said: str
) -> None:
    wrong = terminal.sends(*arguments)
    assert wrong.exit_code in (1, 2)
    assert "Traceback" not in wrong.output
    assert said in wrong.output
    assert [line for line in wrong.output.splitlines() if line.startswith("Error:")]


def test_a_file_without_an_end_of_line_is_not_read_whole(
    terminal: Terminal, tmp_path: Path
) -> None:
    endless = tmp_path / "endless.csv"
    with endless.open("wb") as file:
        file.write(TABLE.encode() + b"0912345677," + b"a" * 100_000)
        file.truncate(1 << 40)  # more than there is room for, in memory or elsewhere
    for command in (send, campaign):
        first = () if command is send else ("new",)
        wrong = terminal.runner.invoke(command, [*first, str(endless), "--text", "Chào {name}"])
        assert wrong.exit_code == 1
        assert wrong.output == (
            "Error: line 5 is longer than 20000 bytes: save the table as CSV UTF-8 and give it "
            "again\n"
        )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("status", "0123456789"), "there is no such campaign"),
        (("status", "x"), "there is no such campaign"),
        (("approve", "0123456789", "--edition", "1", "--as", "Hoà"), "there is no such campaign"),
        (("stop", "0123456789"), "there is no such campaign"),
        (("pause", "x", "--province", "1", "--ward", "2"), "either --province or --ward"),
        (("new",), "give either a FILE or --people"),
        (("new", "--people", "--text", "Chào {day}"), "only the name is known, not day"),
        (("new", "nowhere.csv", "--text", "x"), "does not exist"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    terminal: Terminal, arguments: tuple[str, ...], said: str
) -> None:
    wrong = terminal.says(*arguments)
    assert wrong.exit_code in (1, 2)
    assert said in wrong.output


def test_whoever_made_it_is_told_that_somebody_else_approves(terminal: Terminal) -> None:
    made = terminal.makes()
    refused = terminal.approves(made, "lan")
    assert (refused.exit_code, refused.output) == (
        1,
        f"Error: lan had a hand in campaign {made}: somebody else has to approve it\n",
    )


def test_an_approval_is_for_what_was_seen(terminal: Terminal) -> None:
    made = terminal.makes()
    asked = terminal.says("approve", made, "--as", "Hoà")
    assert asked.exit_code == 1
    assert "template result-ready" in asked.output
    assert "2 messages to 2 people, 2 segments, 600 ₫" in asked.output
    assert "Error: say which edition you have seen: --edition 1" in asked.output
    terminal.says("correct", made, terminal.table(), "--as", "Lan")
    terminal.says("check", made, "--as", "Lan")
    assert terminal.approves(made).output == (
        f"Error: edition 1 of campaign {made} is not what it is now: it was changed, and edition 2 "
        "is checked; look at it first\n"
    )
    assert "is approved" in terminal.approves(made, edition=2).output


def test_what_holds_it_is_said_whichever_way_it_is_counted(terminal: Terminal) -> None:
    soon = datetime.now(VIETNAM).replace(hour=10, minute=0) + timedelta(days=30)
    table = "to,name,province,ward\n0912345678,An,56,22327\n0912345679,Bình,79,26734\n"
    made = terminal.makes("--not-before", f"{soon:%Y-%m-%d %H:%M}", text=table)
    terminal.approves(made)
    assert "nothing is sent until" not in terminal.says("status", made).output
    terminal.says("start", made)
    terminal.says("pause", made, "--province", "79")
    terminal.says("stop", made, "--ward", "22327", "--yes")
    for counted_by in ((), ("--wards",)):
        status = terminal.says("status", made, *counted_by).output
        assert f"nothing is sent until 10:00 {soon:%d/%m/%Y}" in status
        assert "paused in province 79\nstopped in ward 22327\n" in status
        assert "delivered" in status, "the head of the table is not cut off"
    terminal.says("pause", made)
    assert "nothing is sent until" not in terminal.says("status", made).output


def test_a_code_that_no_row_has_holds_nothing_and_says_so(terminal: Terminal) -> None:
    made = terminal.makes()
    terminal.approves(made)
    for command in ("pause", "stop"):
        wrong = terminal.says(command, made, "--province", "97")
        assert wrong.exit_code == 1
        assert wrong.output == (
            f"Error: no row of campaign {made} is of the province 97; there are 56, 79\n"
        )
    assert "none names a ward" in terminal.says("pause", made, "--ward", "56").output
    assert "province 97" not in terminal.says("status", made).output


def test_one_campaign_that_cannot_be_held_keeps_no_other_from_it(terminal: Terminal) -> None:
    here, there = (
        re.search(r"([0-9a-f]{10}) is checked", terminal.sends(*words, text=table).output)
        for words, table in (
            (("--template", "result-ready", "--as", "Lan"), TABLE),
            (("--text", "Chào {name}", "--as", "Lan"), "to,name,province\n0912345678,An,01\n"),
        )
    )
    assert here is not None
    assert there is not None
    for made in (here[1], there[1]):
        terminal.approves(made)
        terminal.says("start", made)
    for province, of in (("01", there[1]), ("79", here[1])):
        held = terminal.says("pause", "all", "--province", province)
        assert f"{province} paused" in held.output
        assert f"is of the province {province}" in held.output
        assert f"paused province {province}" in terminal.says("status", of).output
