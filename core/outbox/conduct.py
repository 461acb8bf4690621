"""How messages are sent: by which routes and manners, through which doors, and with what patience."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from core.outbox.budget import Budget
from core.outbox.doors import Doors
from core.outbox.manners import Manners
from core.outbox.outgoing import Outgoing
from core.outbox.routes import Routes

ATTEMPTS = 10
"""Failed attempts after which a message is given up: about half an hour of a provider in trouble."""

PATIENCE = timedelta(days=2)
"""A message that providers only ever put off is given up after this."""

SETTLE = timedelta(seconds=60)
"""So long we wait for a receipt to tell what a provider did not."""

SETTLE_URGENT = timedelta(seconds=15)
"""The same where somebody is waiting for the message."""

RECEIPTS_COME = timedelta(days=1)
"""A receipt that has not come by then will not come."""


@dataclass(frozen=True, slots=True)
class Conduct:
    """How messages are sent. `budgets` are by provider; `other_way` gives the same message for
    another address of the same person, or None.
    """

    routes: Routes = field(default_factory=Routes)
    manners: Manners = field(default_factory=Manners)
    doors: Doors | None = None
    budgets: Mapping[str, Budget] = field(default_factory=dict)
    opted_out: Callable[[Outgoing], None] = lambda _: None
    number_gone: Callable[[Outgoing], None] = lambda _: None
    other_way: Callable[[Outgoing], Outgoing | None] = lambda _: None
    attempts: int = ATTEMPTS
    patience: timedelta = PATIENCE
    settle: timedelta = SETTLE
    jitter: Callable[[], float] = random.random
    sleep: Callable[[float], None] = time.sleep
