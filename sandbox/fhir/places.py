"""The provinces as FHIR Locations, and the risk level of each as an Observation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sandbox.clock import stamp
from sandbox.fhir.codes import RISK, concept
from sandbox.people.provinces import PROVINCES
from sandbox.world import Resource


def locations(start: datetime) -> Iterator[Resource]:
    """One Location for each province the sandbox knows."""
    for province in PROVINCES.values():
        yield {
            "resourceType": "Location",
            "id": province.slug,
            "meta": {"versionId": "1", "lastUpdated": stamp(start)},
            "status": "active",
            "name": province.name,
            "mode": "instance",
            "address": {"state": province.name, "country": "VN"},
        }


def risks(start: datetime) -> Iterator[Resource]:
    """The level (1 green … 4 red, Resolution 128/NQ-CP) of each province that was assessed."""
    for province in PROVINCES.values():
        if province.risk is not None:
            yield {
                "resourceType": "Observation",
                "id": f"risk-{province.slug}",
                "meta": {"versionId": "1", "lastUpdated": stamp(start)},
                "status": "final",
                "code": concept(RISK, "risk-level", text="Cấp độ dịch"),
                "subject": {"reference": f"Location/{province.slug}"},
                "effectiveDateTime": stamp(start),
                "valueInteger": province.risk,
            }
