"""What several processes count is one sum, whoever of them is killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from gateway import counting
from tests.conftest import ROOT


class Counting:
    """A process of its own that counts."""

    def __init__(self, directory: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.gateway.a_counting_process", str(directory)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.slot = int(self.hears())

    def hears(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def does(self, *what: str) -> Counting:
        assert self.process.stdin is not None
        for one in what:
            self.process.stdin.write(one + "\n")
            self.process.stdin.flush()
            assert self.hears() == "done\n"
        return self

    def is_killed(self) -> None:
        self.process.kill()
        self.process.wait()


Start = Callable[[], Counting]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    started: list[Counting] = []

    def one() -> Counting:
        started.append(Counting(tmp_path))
        return started[-1]

    yield one
    for each in started:
        each.is_killed()


class Page:
    """What a web process of this directory shows."""

    def __init__(self, directory: Path) -> None:
        self.registry = CollectorRegistry()
        self.registry.register(counting.Together(counting.Slot(directory)))

    def value(self, name: str, what: str, **more: str) -> float | None:
        return self.registry.get_sample_value(name, {"what": what, **more})


def test_two_processes_are_one_sum(start: Start, tmp_path: Path) -> None:
    one, two = start().does("+a", "+a", "~b"), start().does("+a", "~b", "~b")
    assert {one.slot, two.slot} == {0, 1}
    page = Page(tmp_path)
    assert page.value("motcua_tests_total", "a") == 3
    assert page.value("motcua_tests_seconds_count", "b") == 3
    assert page.value("motcua_tests_seconds_bucket", "b", le="1.0") == 0
    assert page.value("motcua_tests_seconds_bucket", "b", le="2.0") == 3
    one.does("+a")
    assert page.value("motcua_tests_total", "a") == 4


def test_whoever_comes_after_one_that_was_killed_counts_on(start: Start, tmp_path: Path) -> None:
    killed = start().does("+a", "+a")
    page = Page(tmp_path)
    killed.is_killed()
    assert page.value("motcua_tests_total", "a") == 2
    after = start()
    assert after.slot == killed.slot
    assert page.value("motcua_tests_total", "a") == 2
    after.does("+a", "+c")
    assert page.value("motcua_tests_total", "a") == 3
    assert page.value("motcua_tests_total", "c") == 1


def test_a_gauge_ends_with_its_process(start: Start, tmp_path: Path) -> None:
    killed, other = start().does("=a", "=b"), start().does("=b")
    page = Page(tmp_path)
    assert page.value("motcua_tests_out", "a") == 1
    killed.is_killed()
    assert page.value("motcua_tests_out", "a") is None
    assert page.value("motcua_tests_out", "b") == 1
    start().does("+a")
    assert page.value("motcua_tests_out", "a") is None
    other.does("-b")
    assert page.value("motcua_tests_out", "b") == 0


def test_the_last_change_of_a_gauge_holds(start: Start, tmp_path: Path) -> None:
    one, two = start().does("=a"), start().does("=a", "-a")
    page = Page(tmp_path)
    assert page.value("motcua_tests_out", "a") == 0
    one.does("+b")  # writes, and says nothing new about the gauge
    assert page.value("motcua_tests_out", "a") == 0
    two.does("=a")
    assert page.value("motcua_tests_out", "a") == 1


def test_a_metric_is_on_the_page_before_it_counts(start: Start, tmp_path: Path) -> None:
    start().does("+a")
    families = {one.name: one.documentation for one in Page(tmp_path).registry.collect()}
    assert families["motcua_tests_seconds"] == "Timed by the tests"


@pytest.mark.parametrize("broken", ["", "[", "[]", "7", '{"motcua_tests": ["counter"]}'])
def test_a_broken_file_stops_nobody(start: Start, tmp_path: Path, broken: str) -> None:
    start().does("+a").is_killed()
    (tmp_path / "0.json").write_text(broken)
    (tmp_path / "7.json").write_text(broken)
    page = Page(tmp_path)  # takes the slot of the broken file
    start().does("+a")
    assert page.value("motcua_tests_total", "a") == 1


def test_without_a_directory_a_process_counts_alone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")
    counting.share(tmp_path / "file" / "metrics")
    assert counting.collected() == counting.Alone()
    assert "metrics_not_shared" in capfd.readouterr().out


def test_a_full_disk_is_told_once_and_got_over(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    slot = counting.Slot(tmp_path)
    (tmp_path / "0.new").mkdir()  # as little can be written there as on a full disk
    slot.write()
    slot.write()
    assert capfd.readouterr().out.count("metrics_not_written") == 1
    assert not (tmp_path / "0.json").exists()
    (tmp_path / "0.new").rmdir()
    slot.write()
    assert (tmp_path / "0.json").exists()
