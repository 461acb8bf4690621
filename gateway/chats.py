"""The chat networks of this house: who may call, and what each is told of."""

from __future__ import annotations

from collections.abc import Sequence

from bot.network import Network
from bot.reception import Reception
from bot.telegram import Telegram
from bot.zalo import Zalo
from bot.zalobot import ZaloBot
from gateway.wiring import House


def receptions(house: House) -> Sequence[Reception]:
    """One for each network, set up or not: what is not set up refuses everybody."""
    settings = house.settings
    telegram = Telegram(secret=settings.telegram_webhook_secret.get_secret_value())
    zalo = Zalo(
        app_id=settings.zalo_app_id,
        oa_id=settings.zalo_oa_id,
        secret=settings.zalo_oa_secret.get_secret_value(),
        blind=house.vault.blind,
    )
    bots = ZaloBot(secret=settings.zalobot_webhook_secret.get_secret_value())
    return tuple(_reception(house, network) for network in (telegram, zalo, bots))


def _reception(house: House, network: Network) -> Reception:
    return Reception(
        network,
        inbox=house.inbox,
        block=house.people.block,
        notes=house.notes,
        blind=house.vault.blind,
        settle=house.outbox.settle,
        heard=house.windows.heard,
    )
