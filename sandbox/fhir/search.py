"""FHIR search: which parameters a resource type knows, what they match, how results are ordered."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from sandbox.fhir.outcome import Problem
from sandbox.people.person import VIETNAM
from sandbox.world import Resource

Matches = Callable[[Resource, str], bool]
Parameters = list[tuple[str, str]]

CONTROL = frozenset({"_count", "_offset", "_sort", "_format", "_total", "_pretty"})
"""Parameters which shape the answer rather than choose what is in it."""


def parts(resource: Resource, path: str) -> list[Any]:
    """Every value at a dotted path, lists flattened."""
    found: list[Any] = [resource]
    for name in path.split("."):
        below = [each[name] for each in found if isinstance(each, dict) and name in each]
        found = [one for each in below for one in (each if isinstance(each, list) else [each])]
    return found


def token(path: str) -> Matches:
    """`code`, `system|code` or `|code`, against codes, codings, concepts, identifiers, contact points."""

    def matches(resource: Resource, wanted: str) -> bool:
        system, bar, code = wanted.rpartition("|")
        for found in parts(resource, path):
            for each in found.get("coding", [found]) if isinstance(found, dict) else [found]:
                if not isinstance(each, dict):
                    if str(each) == code and not system:
                        return True
                    continue
                value = each.get("code", each.get("value"))
                if value == code and (not bar or each.get("system", "") == system):
                    return True
        return False

    return matches


def text(*paths: str) -> Matches:
    """Begins with these letters, whatever their case."""

    def matches(resource: Resource, wanted: str) -> bool:
        return any(
            str(found).casefold().startswith(wanted.casefold())
            for path in paths
            for found in parts(resource, path)
        )

    return matches


def uri(path: str) -> Matches:
    """Exactly this address."""

    def matches(resource: Resource, wanted: str) -> bool:
        return wanted in parts(resource, path)

    return matches


def reference(path: str, *, default: str = "Patient") -> Matches:
    """`Patient/7` or plain `7`."""

    def matches(resource: Resource, wanted: str) -> bool:
        full = wanted if "/" in wanted else f"{default}/{wanted}"
        return full in parts(resource, f"{path}.reference")

    return matches


def moment(written: str) -> datetime:
    """A FHIR date or dateTime; a plain date means its midnight in Viet Nam."""
    try:
        read = datetime.fromisoformat(written)
    except ValueError:
        raise Problem(400, "invalid", "a date must be written as ISO 8601 has it") from None
    return read if read.tzinfo else read.replace(tzinfo=VIETNAM)


def date_time(path: str) -> Matches:
    """A date with one of the prefixes eq, gt, ge, lt, le."""

    def matches(resource: Resource, wanted: str) -> bool:
        prefix, rest = (wanted[:2], wanted[2:]) if wanted[:1].isalpha() else ("eq", wanted)
        limit = moment(rest)
        for found in parts(resource, path):
            at = moment(found)
            match prefix:
                case "eq" if at == limit or (len(rest) == 10 and at.date() == limit.date()):
                    return True
                case "gt" if at > limit:
                    return True
                case "ge" if at >= limit:
                    return True
                case "lt" if at < limit:
                    return True
                case "le" if at <= limit:
                    return True
                case "eq" | "gt" | "ge" | "lt" | "le":
                    continue
                case _:
                    raise Problem(400, "invalid", f"unknown date prefix {prefix!r}")
        return False

    return matches


COMMON: dict[str, Matches] = {"_id": token("id"), "_lastUpdated": date_time("meta.lastUpdated")}
ABOUT: dict[str, Matches] = {"patient": reference("subject"), "subject": reference("subject")}

SEARCHES: dict[str, dict[str, Matches]] = {
    "Patient": {
        "telecom": token("telecom"),
        "phone": token("telecom"),
        "identifier": token("identifier"),
        "name": text("name.text"),
        "birthdate": date_time("birthDate"),
        "gender": token("gender"),
    },
    "Immunization": {
        "patient": reference("patient"),
        "status": token("status"),
        "vaccine-code": token("vaccineCode"),
        "date": date_time("occurrenceDateTime"),
    },
    "ImmunizationRecommendation": {"patient": reference("patient"), "date": date_time("date")},
    "Observation": {
        **ABOUT,
        "category": token("category"),
        "code": token("code"),
        "status": token("status"),
        "date": date_time("effectiveDateTime"),
        "value-concept": token("valueCodeableConcept"),
    },
    "Flag": {**ABOUT, "status": token("status"), "date": date_time("period.start")},
    "Questionnaire": {
        "url": uri("url"),
        "status": token("status"),
        "version": token("version"),
        "title": text("title"),
    },
    "QuestionnaireResponse": {
        **ABOUT,
        "author": reference("author"),
        "questionnaire": uri("questionnaire"),
        "status": token("status"),
        "identifier": token("identifier"),
        "authored": date_time("authored"),
    },
    "DocumentReference": {
        **ABOUT,
        "type": token("type"),
        "status": token("status"),
        "date": date_time("date"),
    },
    "Task": {
        "patient": reference("for"),
        "subject": reference("for"),
        "status": token("status"),
        "code": token("code"),
        "identifier": token("identifier"),
        "authored-on": date_time("authoredOn"),
    },
    "Location": {
        "name": text("name", "alias"),
        "type": token("type"),
        "partof": reference("partOf", default="Location"),
        "address-state": text("address.state"),
        "status": token("status"),
    },
    "Subscription": {
        "url": uri("channel.endpoint"),
        "criteria": text("criteria"),
        "status": token("status"),
    },
}
"""Resource type → search parameter → what it matches. A type not here does not exist."""

SORTS: dict[str, str] = {
    "_lastUpdated": "meta.lastUpdated",
    "authored": "authored",
    "authored-on": "authoredOn",
    "version": "version",
    "name": "name",
}


def matching(kind: str, parameters: Parameters, candidates: Iterable[Resource]) -> list[Resource]:
    """Those candidates which every parameter matches. Raises Problem for a parameter unknown here."""
    known = COMMON | SEARCHES[kind]
    tests = []
    for name, wanted in parameters:
        if name in CONTROL:
            continue
        if name not in known:
            raise Problem(400, "not-supported", f"{kind} cannot be searched by {name!r}")
        tests.append((known[name], wanted.split(",")))
    return [
        each
        for each in candidates
        if all(any(test(each, one) for one in wanted) for test, wanted in tests)
    ]


def ordered(kind: str, found: list[Resource], by: str | None) -> list[Resource]:
    """In the order `_sort` asks for; what has no such value comes last."""
    if not by:
        return found
    if "," in by:
        raise Problem(400, "not-supported", "one _sort key at a time")
    name = by.removeprefix("-")
    dates = {"Observation": "effectiveDateTime", "Immunization": "occurrenceDateTime"}
    path = dates.get(kind, "date") if name == "date" else SORTS.get(name)
    if path is None:
        raise Problem(400, "not-supported", f"cannot sort by {name!r}")

    def key(resource: Resource) -> Any:
        value = parts(resource, path)[0]
        if name == "version":  # 10.0 is newer than 9.0
            return [int(part) for part in re.findall(r"\d+", value)]
        return value if name == "name" else moment(value)

    having = [each for each in found if parts(each, path)]
    lacking = [each for each in found if not parts(each, path)]
    return sorted(having, key=key, reverse=by.startswith("-")) + lacking
