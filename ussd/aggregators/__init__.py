"""The companies that carry USSD to us: what each must be able to do, and who there is."""

from __future__ import annotations

from collections.abc import Callable

from ussd.aggregators.africastalking import AfricasTalking
from ussd.aggregators.airtel import Airtel
from ussd.aggregators.arkesel import Arkesel
from ussd.aggregators.beem import Beem
from ussd.aggregators.hubtel import Hubtel
from ussd.aggregators.infobip import Infobip
from ussd.aggregators.mobicents import Mobicents
from ussd.aggregators.moolre import Moolre
from ussd.aggregators.nalo import Nalo
from ussd.aggregators.port import Aggregator
from ussd.aggregators.safaricom import Safaricom

ALONE: tuple[Callable[[], Aggregator], ...] = (AfricasTalking, Safaricom)
"""Those that tell everything said so far, and need to know nothing of us."""

BY_CODE: tuple[Callable[[str], Aggregator], ...] = (
    Airtel,
    Arkesel,
    Beem,
    Hubtel,
    Infobip,
    Mobicents,
    Moolre,
    Nalo,
)
"""Those whose dialled strings begin with our service code."""


def aggregators(service_code: str) -> tuple[Aggregator, ...]:
    """Everyone who needs no account of ours; those that do are made where the settings are read."""
    return (*(make() for make in ALONE), *(make(service_code) for make in BY_CODE))
