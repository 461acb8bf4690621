"""What stands at the root of the tree for those who run it: Makefile, Procfile, the check."""

import subprocess

from tests.conftest import ROOT


def test_make_alone_lists_what_can_be_made() -> None:
    listed = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for target in ("run", "test", "test-peers", "check", "bench", "help"):
        assert f"make {target} " in listed


def test_the_procfile_names_the_processes() -> None:
    lines = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    assert lines == {
        "release": "python -m gateway migrate",
        "web": "python -m gateway web",
        "worker": "python -m gateway worker",
        "bot": "python -m bot",
    }


def test_the_check_calls_nothing_a_reader_would_not_have() -> None:
    lines = (ROOT / ".ci" / "run").read_text().splitlines()
    calls = [line for line in lines if line and not line.startswith(("#", "set ", "cd "))]
    assert calls == ["make check", "make test", "make test-peers"]
