"""Who may import whom: the house's layers hold, and no import hides inside a function."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

PACKAGES = ("core", "bot", "ussd", "sms", "web", "gateway", "sandbox")
# These load by name on purpose: a command only when it is called, the application after a fork.
LOADS_BY_NAME = {"gateway/lazy.py", "gateway/web_process.py"}


def modules() -> Iterator[tuple[str, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def hidden_imports(tree: ast.Module) -> list[int]:
    """Lines inside functions that import something."""
    return [
        inner.lineno
        for outer in ast.walk(tree)
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(outer)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]


def test_the_layers_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([linter], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_no_import_hides_inside_a_function() -> None:
    found = {name: lines for name, tree in modules() if (lines := hidden_imports(tree))}
    assert found == {}


@pytest.mark.parametrize("code", ["def f():\n import os", "async def f():\n from os import path"])
def test_a_hidden_import_would_be_seen(code: str) -> None:
    assert hidden_imports(ast.parse(code)) == [2]


def test_only_these_load_a_module_by_name() -> None:
    calls = {
        name
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name)
        and (node.attr if isinstance(node, ast.Attribute) else node.id)
        in {"import_module", "__import__"}
    }
    assert calls == LOADS_BY_NAME
