"""What ``make run`` shows on the terminal."""

import time
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from gateway.settings import Settings


class RunScreen:
    """One line for each thing that became ready, then where to look."""

    def __init__(self, console: Console | None = None) -> None:
        """Args:
        console: the terminal if not given.
        """
        self._console = console or Console(highlight=False, soft_wrap=True)
        self._began = time.monotonic()

    def ready(self, what: str) -> None:
        """Something is up."""
        seconds = time.monotonic() - self._began
        self._console.print(f"[green]✓[/] {escape(what)} [dim]{seconds:.1f} s[/]")

    def died(self, name: str, status: int, pause: float) -> None:
        """A process ended by itself and is started again."""
        when = "at once" if not pause else f"in {pause:g} s"
        self._console.print(
            f"[yellow]![/] {name} ended (status {status}); it is started again {when}"
        )

    def failed(self, why: str) -> None:
        """Nothing came of it; the reason."""
        self._console.print(f"[red]✗[/] {escape(why)}")

    def where_to_look(self, settings: Settings, *, sandbox: str | None) -> None:
        """The addresses a newcomer opens first."""
        base = f"http://127.0.0.1:{settings.port}"
        key = settings.officer_key.get_secret_value()
        rows = [("Simulator", f"{base}/simulator")] if settings.simulator_on else []
        if sandbox is not None:
            rows.append(("Whom to play", f"{sandbox}/"))
        ask = f"curl -s {base}/api/v1/verify -H 'Authorization: Bearer {key}' "
        ask += "-H 'Content-Type: application/json' -d '{\"code\": \"1234 5678 9012\"}'"
        rows.append(("Check a code", ask))
        rows.append(("Logs", f"{_near(settings.var_directory / 'log')}/"))
        rows.append(("Stop", "Ctrl-C"))
        self._console.print()
        for label, value in rows:
            self._console.print(f"  [bold]{label:<14}[/]{escape(value)}")
        self._console.print()

    def stopping(self) -> None:
        """Ctrl-C was pressed."""
        self._console.print("Stopping …")

    def stopped(self) -> None:
        """Everything is down."""
        self._console.print("[green]✓[/] stopped; what was stored is kept for the next time")


def _near(path: Path) -> str:
    """The path as one would type it here."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
