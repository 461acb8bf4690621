"""Which providers carry a message, the preferred one first, and what each of them asks a segment.

The table is written as one line: `VN viettel result -> kannel 300, esms 350; VN -> esms 400`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final, get_args

from core.gsm import segments
from core.message import Channel, Network
from core.outbox.outgoing import Outgoing, Purpose
from core.outbox.ports import Sender
from core.people.operators import PREFIXES, country_of, operator_of

ANY: Final = "*"
CHEAPEST: Final = "cheapest"
ARROW: Final = "->"

_COUNTRY: Final = re.compile(r"[A-Z]{2}")
_PROVIDER: Final = re.compile(r"[a-z][a-z0-9_-]{0,30}")
_CHATS: Final = frozenset(get_args(Network)) - {"phone"}
_PURPOSES: Final = frozenset(Purpose)


class BadRoutes(ValueError):
    """The table of routes cannot be read; the message says which rule, and why."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A provider, and its price for a segment; None where nobody has told us."""

    provider: str
    price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """For which messages, through whom. An empty set stands for "any"."""

    offers: tuple[Offer, ...]
    countries: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()
    operators: frozenset[str] = frozenset()
    purposes: frozenset[Purpose] = frozenset()

    def fits(self, outgoing: Outgoing) -> bool:
        """Whether this rule is about such a message."""
        where = outgoing.address
        if self.purposes and outgoing.purpose not in self.purposes:
            return False
        if where.network != "phone":
            return where.network in self.networks
        if self.networks or (self.countries and country_of(where.value) not in self.countries):
            return False
        return not self.operators or operator_of(where.value) in self.operators


@dataclass(frozen=True, slots=True)
class Way:
    """One way for a message to go."""

    sender: Sender
    price: Decimal | None = None

    def cost(self, pieces: int | None) -> Decimal | None:
        """What so many segments cost; None when price or number are not known."""
        return None if self.price is None or pieces is None else self.price * pieces


@dataclass(frozen=True, slots=True)
class Routes:
    """The whole table: the first rule that fits decides. Without one, everybody who can, in order."""

    rules: tuple[Rule, ...] = field(default=())

    @classmethod
    def read(cls, written: str) -> Routes:
        """The table as an operator writes it. Raises BadRoutes."""
        listed = [one.strip() for one in re.split(r"[;\n]", written)]
        numbered = enumerate((one for one in listed if one), 1)
        return cls(tuple(_rule(number, one) for number, one in numbered))

    @property
    def providers(self) -> frozenset[str]:
        """Everybody who is named."""
        return frozenset(offer.provider for rule in self.rules for offer in rule.offers)

    def ways(self, outgoing: Outgoing, senders: Sequence[Sender]) -> tuple[Way, ...]:
        """Who may carry this message, the preferred one first."""
        wanted = (outgoing.address.network, outgoing.channel)
        able = {sender.provider: sender for sender in senders if wanted in sender.serves}
        for rule in self.rules:
            if rule.fits(outgoing):
                found = [(able.get(offer.provider), offer.price) for offer in rule.offers]
                ways = tuple(Way(sender, price) for sender, price in found if sender is not None)
                if ways:
                    return ways
        return tuple(Way(sender) for sender in able.values())


def pieces(outgoing: Outgoing) -> int:
    """Into how many segments a text is cut; a chat message is always one."""
    return len(segments(outgoing.page.text)) if outgoing.channel is Channel.SMS else 1


def _rule(number: int, written: str) -> Rule:
    match, arrow, through = written.partition(ARROW)
    if not arrow:
        raise BadRoutes(f"rule {number}: no {ARROW}")
    by_price, offers = _offers(number, through)
    if by_price:
        offers = tuple(sorted(offers, key=lambda one: (one.price is None, one.price or 0)))
    words = match.replace(",", " ").split()
    if not words:
        raise BadRoutes(f"rule {number}: nothing before {ARROW}; * stands for any number")
    rule = Rule(
        offers,
        countries=frozenset(word for word in words if _COUNTRY.fullmatch(word)),
        networks=frozenset(words) & _CHATS,
        operators=frozenset(words) & PREFIXES.keys(),
        purposes=frozenset(Purpose(word) for word in words if word in _PURPOSES),
    )
    known = rule.countries | rule.networks | rule.operators | rule.purposes | {ANY}
    for word in words:
        if word not in known:
            raise BadRoutes(
                f"rule {number}: {word!r} is no country (two capital letters), chat network, "
                "operator or purpose"
            )
    if rule.networks and (rule.countries or rule.operators):
        raise BadRoutes(f"rule {number}: a chat network has no country and no operator")
    return rule


def _offers(number: int, written: str) -> tuple[bool, tuple[Offer, ...]]:
    words = written.split()
    cheapest = words[:1] == [CHEAPEST]
    listed = written.split(CHEAPEST, 1)[1] if cheapest else written
    offers = tuple(_offer(number, one.split()) for one in listed.split(","))
    if len({offer.provider for offer in offers}) != len(offers):
        raise BadRoutes(f"rule {number}: one provider is named twice")
    return cheapest, offers


def _offer(number: int, words: Sequence[str]) -> Offer:
    match words:
        case [provider, *price] if _PROVIDER.fullmatch(provider) and len(price) < 2:
            return Offer(provider, _price(number, price[0]) if price else None)
    raise BadRoutes(
        f"rule {number}: after {ARROW} stand providers, each with its price: kannel 300"
    )


def _price(number: int, written: str) -> Decimal:
    try:
        price = Decimal(written)
    except InvalidOperation:
        price = Decimal(-1)
    if not price.is_finite() or not 0 <= price < 100_000_000:
        raise BadRoutes(f"rule {number}: {written!r} is no price")
    return price
