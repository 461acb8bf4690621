"""`python -m bot`: Telegram without a webhook, and telling Telegram about the webhook.

The one module outside the gateway that imports it: it is a command, and has the house built.
"""

from __future__ import annotations

import signal
import sys
import threading

import click
import structlog
from telegram.error import EndPointNotFound, InvalidToken, TelegramError

from bot.polling import Polling
from bot.reception import Reception
from bot.register import Webhook, commands_of, register
from bot.telegram import Telegram
from bot.telegram_errors import words
from core.dialogues import DIALOGUES, FURTHER, SPOKEN
from gateway import counting, logs, settings, settings_checks, wiring

WEBHOOK_PATH = "/bot/telegram/webhook"

_log = structlog.get_logger("telegram")


@click.command(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--webhook", is_flag=True, help="Have Telegram call MOTCUA_PUBLIC_URL, and end.")
@click.option("--drop-webhook", is_flag=True, help="Take the webhook away first.")
def command(webhook: bool, drop_webhook: bool) -> None:
    """Fetch what people write on Telegram, until told to stop."""
    ours = settings.load()
    logs.set_up(ours)
    counting.share(ours.metrics_directory)
    house = wiring.build(ours)
    line = house.telegram
    if line is None:
        raise settings_checks.SettingsError(
            "MOTCUA_TELEGRAM_TOKEN: not set. BotFather gives one (docs/chat.md)."
        )
    commands = commands_of((*DIALOGUES, *FURTHER, *SPOKEN))
    if webhook:
        secret = ours.telegram_webhook_secret.get_secret_value()
        register(line, commands, webhook=Webhook(ours.base_url + WEBHOOK_PATH, secret))
        click.echo(f"Telegram will call {ours.base_url}{WEBHOOK_PATH}")
        return
    for name in (signal.SIGTERM, signal.SIGINT):
        # At any moment: what is not stored yet is not confirmed either, and comes again.
        signal.signal(name, lambda *_: sys.exit(0))
    try:
        register(line, commands, drop_webhook=drop_webhook)
    except (InvalidToken, EndPointNotFound):
        raise
    except TelegramError as error:
        _log.warning("telegram_not_registered", error=words(error))
    reception = Reception(
        Telegram(secret=""),
        inbox=house.inbox,
        block=house.people.block,
        notes=house.notes,
        blind=house.vault.blind,
    )
    Polling(line, reception, stop=threading.Event()).run()


def main() -> None:
    """Run the command; what an operator must put right ends it with one line."""
    try:
        command(prog_name="python -m bot")
    except settings_checks.SettingsError as error:
        sys.exit(f"Error: {error}")
    except TelegramError as error:
        sys.exit(f"Error: Telegram refused: {words(error)}")


if __name__ == "__main__":
    main()
