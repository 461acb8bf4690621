"""The CapabilityStatement: what this FHIR server says it can do."""

from __future__ import annotations

from datetime import datetime

from sandbox.clock import stamp
from sandbox.fhir.search import COMMON, SEARCHES
from sandbox.fhir.shelf import WRITTEN
from sandbox.world import Resource

TYPES = {
    "_id": "token",
    "_lastUpdated": "date",
    "patient": "reference",
    "subject": "reference",
    "author": "reference",
    "partof": "reference",
    "date": "date",
    "birthdate": "date",
    "authored": "date",
    "authored-on": "date",
    "url": "uri",
    "questionnaire": "reference",
    "name": "string",
    "title": "string",
    "address-state": "string",
    "criteria": "string",
}
"""Search parameter → its FHIR type, where that is not token."""


def capability(start: datetime, base: str) -> Resource:
    """Made from the very tables that requests are served by, so that it cannot say anything else."""
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": stamp(start),
        "kind": "instance",
        "software": {"name": "Một Cửa sandbox"},
        "implementation": {"description": "A synthetic population", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json"],
        "rest": [
            {
                "mode": "server",
                "security": {
                    "service": [{"text": "OAuth 2.0 client credentials"}],
                    "description": "Bearer tokens from /oauth/token",
                },
                "resource": [_resource(kind) for kind in SEARCHES],
            }
        ],
    }


def _resource(kind: str) -> Resource:
    interactions = ["read", "search-type", *(["create"] if kind in WRITTEN else [])]
    known = [*COMMON, *SEARCHES[kind]]
    return {
        "type": kind,
        "interaction": [{"code": code} for code in interactions],
        "conditionalCreate": kind in WRITTEN,
        "searchParam": [{"name": name, "type": TYPES.get(name, "token")} for name in known],
    }
