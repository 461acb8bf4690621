"""A group of commands, each in a module that is imported only when it is called."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ClassVar

import click


@dataclass(frozen=True)
class Entry:
    """Where a command lives, and the line that ``--help`` shows for it."""

    module: str
    summary: str
    name: str = "command"  # in the module: a click command, or a plain function


class LazyGroup(click.Group):
    """The commands whose module is there, found without importing any of them."""

    entries: ClassVar[Mapping[str, Entry]] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in the order of the table."""
        return [name for name, one in self.entries.items() if importlib.util.find_spec(one.module)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        if cmd_name not in self.list_commands(ctx):
            return None
        entry = self.entries[cmd_name]
        with _said(cmd_name):
            found = getattr(importlib.import_module(entry.module), entry.name)
        if isinstance(found, click.Command):
            return found
        return click.Command(cmd_name, callback=found, help=entry.summary)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List them for ``--help``, still without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, self.entries[name].summary) for name in self.list_commands(ctx)]
            )


@contextmanager
def _said(name: str) -> Iterator[None]:
    """On a busy machine it takes seconds until a command can speak for itself."""
    if not sys.stderr.isatty():
        yield
        return
    sys.stderr.write(f"{name} …")
    sys.stderr.flush()
    try:
        yield
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
