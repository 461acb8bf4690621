"""The status card: its colour by the province's rule, and why.

No national colour rule exists; where a province has none, the card is neutral. Rules are data with
a version and a date (facts: status card). Boundaries: doses count from 14 whole days after the last
one, a recovery for 180 days, a negative PCR for exactly 72 hours from the sampling.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from core.clock import VIETNAM
from core.gsm import fold
from core.platform.ports import Dose, TestResult
from core.text import Text, _

Colour = Literal["green", "yellow", "red", "neutral"]
Reason = Literal["full", "recovered", "first", "negative", "none", "no-rule"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One province's rule, as published: spans in days and hours."""

    version: str
    in_force: date
    """The first day on which it holds, until a newer one does."""
    one_dose_vaccines: frozenset[str]
    days_after_dose: int
    days_recovered: int
    hours_negative_pcr: int


RULES: Mapping[str, tuple[Rule, ...]] = {
    "khanh hoa": (
        Rule(
            version="2021-10",
            in_force=date(2021, 10, 1),
            one_dose_vaccines=frozenset({"jcovden", "janssen", "covid 19 vaccine janssen"}),
            days_after_dose=14,
            days_recovered=180,
            hours_negative_pcr=72,
        ),
    ),
}
"""Folded name of the province → its rules, one after the other; the one coded rule that is known."""


@dataclass(frozen=True, slots=True)
class Card:
    """A colour, the reason for it, and between which days it holds for that reason."""

    colour: Colour
    reason: Reason
    since: date | None = None
    until: datetime | None = None


def rule_of(
    province: str | None, on: date, rules: Mapping[str, tuple[Rule, ...]] = RULES
) -> Rule | None:
    """The rule in force on this day in a province named in any usual way ("Tỉnh Khánh Hòa")."""
    name = fold(province or "")
    for title in ("tinh ", "thanh pho ", "tp "):
        name = name.removeprefix(title)
    begun = [rule for rule in rules.get(name, ()) if rule.in_force <= on]
    return max(begun, key=lambda rule: rule.in_force, default=None)


def card(
    rule: Rule | None,
    doses: Sequence[Dose],
    results: Sequence[TestResult],
    now: datetime,
    recovered_on: date | None = None,
) -> Card:
    """The card that this rule gives on these records at this moment."""
    if rule is None:
        return Card("neutral", "no-rule")
    today = now.astimezone(VIETNAM).date()
    by_date = sorted(doses, key=lambda dose: dose.on)
    span = timedelta(days=rule.days_after_dose)
    full = _completed_on(rule, by_date)
    if full is not None and today - full >= span:
        return Card("green", "full", full + span)
    if recovered_on is not None and today - recovered_on <= timedelta(days=rule.days_recovered):
        last_day = recovered_on + timedelta(days=rule.days_recovered)
        return Card("green", "recovered", recovered_on, _end_of(last_day))
    if by_date and today - by_date[0].on >= span:
        return Card("yellow", "first", by_date[0].on + span)
    test = _negative_pcr(rule, results, now)
    if test is not None:
        valid = timedelta(hours=rule.hours_negative_pcr)
        return Card("yellow", "negative", test.sampled.date(), test.sampled + valid)
    return Card("red", "none")


def _completed_on(rule: Rule, doses: Sequence[Dose]) -> date | None:
    """The day of the dose that made them enough; a booster after it takes nothing away."""
    alone = (dose.on for dose in doses if fold(dose.vaccine) in rule.one_dose_vaccines)
    return min((*alone, *(dose.on for dose in doses[1:2])), default=None)


def _negative_pcr(rule: Rule, results: Sequence[TestResult], now: datetime) -> TestResult | None:
    valid = timedelta(hours=rule.hours_negative_pcr)
    for result in results:
        fresh = timedelta() <= now - result.sampled <= valid
        if fresh and result.method == "pcr" and result.value == "not-detected":
            return result
    return None


def _end_of(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 23, 59, tzinfo=VIETNAM)


COLOURS: Mapping[str, Text] = {
    "green": _("GREEN"),
    "yellow": _("YELLOW"),
    "red": _("RED"),
    "neutral": _("NO COLOUR"),
}

REASONS: Mapping[str, Text] = {
    "full": _("all doses taken, 14 days passed"),
    "recovered": _("recovered"),
    "first": _("first dose taken, 14 days passed"),
    "negative": _("negative PCR test"),
    "none": _("not enough doses and no valid test"),
    "no-rule": _("your province has no colour rule"),
}

RESULT_WORDS: Mapping[str, Text] = {
    "detected": _("POSITIVE"),
    "not-detected": _("negative"),
    "unclear": _("unclear"),
    "pending": _("not ready yet"),
}

METHOD_WORDS: Mapping[str, Text] = {
    "pcr": _("PCR"),
    "antigen": _("rapid test"),
    "other": _("test"),
}
