"""The command line: a table of commands, each in a module that is imported only when it is called."""

import sys

import click
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from gateway import logs
from gateway.lazy import Entry, LazyGroup
from gateway.settings_checks import SettingsError

COMMANDS = {
    "run": Entry("gateway.run", "Start everything on this machine: servers, sandbox, web, worker."),
    "web": Entry("gateway.web_process", "Answer HTTP requests."),
    "worker": Entry("gateway.worker_process", "Send what is due and finish what was late."),
    "migrate": Entry("gateway.migrate", "Bring the database to the newest tables."),
    "talk": Entry("gateway.talk", "Be a phone in the terminal."),
    "draw": Entry("gateway.draw", "Print every dialogue as a graph."),
    "check-text": Entry("gateway.check_text", "Prove that every screen fits every channel."),
    "send": Entry("gateway.send", "Send a text to everybody in a CSV file."),
    "campaign": Entry("gateway.campaign", "Make, check, approve, start, watch and stop campaigns."),
    "outbox": Entry("gateway.outbox", "Look at what is being sent, and replay what failed."),
    "doctor": Entry("gateway.doctor", "Check settings, servers and platforms."),
    "zalo": Entry("gateway.zalo", "Let our app into the Zalo account, and see how that stands."),
    "keys": Entry("gateway.keys", "Make, list and withdraw API keys."),
}


class Commands(LazyGroup):
    """All of them."""

    entries = COMMANDS


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
def gateway() -> None:
    """Một Cửa: one door to the national health platform, by chat, USSD and SMS."""


def main() -> None:
    """Run the command line; a wrong setting, or a server that is away, ends it with one line."""
    logs.quiet()
    try:
        gateway(prog_name="python -m gateway")
    except SettingsError as error:
        _end(str(error), 2)
    except ArgumentError:  # its words repeat the address, in which a password may stand
        _end("DATABASE_URL is no address of a database (docs/settings.md)", 2)
    except (OperationalError, PoolTimeout) as error:
        _end(f"PostgreSQL cannot be used ({_first_line(error)}): look at DATABASE_URL", 1)
    except Exception as error:
        # Not caught by its class: to import that takes a fifth of the time of a short command.
        if not any(kind.__module__ == "redis.exceptions" for kind in type(error).__mro__):
            raise
        _end(f"Redis cannot be used ({type(error).__name__}): look at REDIS_URL", 1)


def _first_line(error: Exception) -> str:
    """What the driver says in its first line, which names host and port and no password."""
    said = str(getattr(error, "orig", None) or type(error).__name__)
    return said.partition("\n")[0].strip()


def _end(said: str, status: int) -> None:
    print(f"Error: {said}", file=sys.stderr)
    sys.exit(status)
