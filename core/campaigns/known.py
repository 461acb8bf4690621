"""The people we know as the rows of a campaign, by the province in which the health platform has them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from core.areas import bare
from core.campaigns.campaign import CampaignError
from core.campaigns.source import Row
from core.clock import Deadline
from core.errors import Absent, PlatformError
from core.people.accounts import Linked
from core.platform.ports import Citizens, RiskMap

PATIENCE = 10.0
"""Seconds for one question to the platform."""


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who proved a number and linked it."""

    phone: str = field(repr=False)
    linked: Linked
    language: str


def rows(
    known: Iterable[Known],
    needed: frozenset[str],
    *,
    citizens: Citizens,
    areas: RiskMap,
    provinces: frozenset[str] = frozenset(),
    tick: Callable[[float], Deadline] = Deadline.after,
) -> Iterator[Row]:
    """One row for each of them who lives in one of these provinces (codes; none: everywhere).

    Only names are known of them: words that need anything else cannot be used. Raises
    CampaignError, also when the platform does not answer.
    """
    lacking = needed - {"name"}
    if lacking:
        raise CampaignError(f"of the people we know only the name is known, not {min(lacking)}")
    try:
        codes = _codes(areas, tick(PATIENCE))
        unknown = provinces - set(codes.values())
        if unknown:
            there = ", ".join(sorted({*codes.values()}))
            raise CampaignError(f"the platform has no province {min(unknown)}; it has {there}")
        for number, one in enumerate(known, 1):
            code = _province(one, citizens, codes, tick(PATIENCE))
            if not provinces or code in provinces:
                values = dict.fromkeys(needed, one.linked.name)
                yield Row(number, one.phone, values, code, None, one.language)
    except PlatformError:
        raise CampaignError("the health platform does not answer: try again later") from None


def _codes(areas: RiskMap, deadline: Deadline) -> dict[str, str]:
    """The code of each province, by its bare name, the former ones too."""
    found = [one for one in areas.areas(deadline=deadline) if one.kind == "province"]
    former = {bare(name): one.id for one in found for name in one.former}
    return former | {bare(one.name): one.id for one in found}


def _province(
    one: Known, citizens: Citizens, codes: dict[str, str], deadline: Deadline
) -> str | None:
    try:
        name = citizens.by_id(one.linked.citizen_id, deadline=deadline).province
    except Absent:
        return None
    return codes.get(bare(name)) if name else None
