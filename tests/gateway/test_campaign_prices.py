"""What a look at a campaign takes from the settings: how fast each network may be written to."""

from __future__ import annotations

from core.message import Network
from core.outbox.outgoing import Purpose
from core.outbox.routes import Routes
from gateway.campaign_parts import Prices
from gateway.senders import senders
from gateway.wiring import House


def allowed(house: House, network: Network, rates: str, **settings: object) -> float | None:
    changed = house.settings.model_copy(update={"rates": rates, **settings})
    prices = Prices(changed, Routes.read(changed.routes), lambda: senders(house))
    return prices.limit(Purpose.CAMPAIGN, network)


def test_each_network_has_its_own_limit(house: House) -> None:
    assert allowed(house, "phone", "") is None
    assert allowed(house, "phone", "kannel 50/s") == 50
    assert allowed(house, "zalo", "kannel 50/s", zalo_per_minute=120) == 2
    assert allowed(house, "zalo", "zalo 1/s", zalo_per_minute=120) == 1, "the lower one holds"
    assert allowed(house, "telegram", "") == 30
    assert allowed(house, "zalobot", "") is None, "it is not set up"
