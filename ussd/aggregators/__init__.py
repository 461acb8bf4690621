"""The companies that carry USSD to us: what each must be able to do, and who there is."""

from __future__ import annotations

from ussd.aggregators.africastalking import AfricasTalking
from ussd.aggregators.port import Aggregator

AGGREGATORS: tuple[Aggregator, ...] = (AfricasTalking(),)
