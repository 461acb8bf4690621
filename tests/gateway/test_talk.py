"""The phone in the terminal, against a served gateway with a worker."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from gateway import ready, wiring
from gateway.ports import free_port
from tests.conftest import ROOT
from tests.gateway.conftest import a_served_house

Talk = Callable[..., list[str]]


@pytest.fixture
def served(house: wiring.House, monkeypatch: pytest.MonkeyPatch) -> Iterator[wiring.House]:
    """The house behind a real socket, with a worker, and its `ready.json`."""
    with a_served_house(monkeypatch) as listening:
        facts = ready.facts(listening.settings, sandbox=None, pids={"web": 0, "worker": 0})
        ready.write(listening.settings.var_directory, facts)
        yield listening


@pytest.fixture
def says(served: wiring.House) -> Talk:
    """Says these lines, and gives the screens."""

    def say(channel: str, phone: str, *lines: str) -> list[str]:
        done = talk("--channel", channel, "--phone", phone, said=lines)
        assert done.returncode == 0, done.stderr
        assert done.stdout.endswith("\n--\n")
        return done.stdout.removesuffix("\n--\n").split("\n--\n")

    return say


def talk(*options: str, said: Sequence[str] = ()) -> subprocess.CompletedProcess[str]:
    """`python -m gateway talk` with its standard input piped."""
    return subprocess.run(
        [sys.executable, "-m", "gateway", "talk", *options],
        input="".join(f"{line}\n" for line in said),
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_code_is_dialled_first_and_each_line_is_one_answer(says: Talk) -> None:
    menu, help_page, again = says("ussd", "0912004701", "8", "00")
    assert "1 Ma QR" in menu
    assert help_page != menu
    assert again == menu


def test_a_line_that_is_a_code_dials_anew(says: Talk) -> None:
    _, deep, wrong = says("ussd", "+84912004701", "*1022*8#", "*101#")
    assert "Ma QR" not in deep.splitlines()[0]
    assert "MMI" in wrong


def test_a_text_is_answered(says: Talk) -> None:
    (answer,) = says("sms", "+84912004701", "HELP")
    assert "KB" in answer


def test_the_bot_is_written_to_and_a_number_shared(says: Talk, people: dict[str, Any]) -> None:
    phone = str(people["leap-day"]["phone"])
    menu, asked, consent = says("chat", phone, "/start", "1", "share")
    assert "[1. Mã QR]" in menu
    assert "(say: share)" in asked
    assert re.search(r"\[1\. Đồng ý\]", consent)


def test_without_a_gateway_it_says_what_to_do_in_one_line(house: wiring.House) -> None:
    done = talk("--phone", "+84912004701", said=["1"])
    assert done.returncode == 1
    assert "make run" in done.stderr
    facts = ready.facts(house.settings, sandbox=None, pids={"web": 0, "worker": 0})
    gone = facts | {"web": f"http://127.0.0.1:{free_port()}"}
    ready.write(house.settings.var_directory, gone)
    done = talk("--phone", "+84912004701", said=["1"])
    assert done.returncode == 1
    assert "make run" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_number_that_is_none_is_refused() -> None:
    done = talk("--phone", "Hường")
    assert done.returncode == 2
    assert "+84" in done.stderr
