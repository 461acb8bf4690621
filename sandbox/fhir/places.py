"""The areas of the risk map as FHIR Locations, and the risk level of each as an Observation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sandbox.areas.area import Area, Assessed
from sandbox.areas.positions import POSITIONS
from sandbox.areas.risk_map import AREAS
from sandbox.clock import stamp
from sandbox.fhir.codes import AREA, HL7, RISK, concept
from sandbox.world import Resource

KINDS = {"province": "Tỉnh, thành phố", "ward": "Phường, xã, đặc khu"}
"""Code of Location.type → what it says."""


def locations(start: datetime) -> Iterator[Resource]:
    """One Location for each area; a ward's `partOf` is its province, `alias` are the former names."""
    for area in AREAS.values():
        kind = "ward" if area.part_of else "province"
        location: Resource = {
            "resourceType": "Location",
            "id": area.id,
            "meta": {"versionId": "1", "lastUpdated": stamp(start)},
            "status": "active",
            "name": area.name,
            "mode": "instance",
            "type": [concept(AREA, kind, text=KINDS[kind])],
            "physicalType": concept(
                f"{HL7}location-physical-type", "jdn", text="Jurisdiction", display="Jurisdiction"
            ),
            "address": _address(area),
        }
        if area.former:
            location["alias"] = list(area.former)
        if area.part_of:
            location["partOf"] = {
                "reference": f"Location/{area.part_of}",
                "display": AREAS[area.part_of].name,
            }
        if area.id in POSITIONS:
            latitude, longitude = POSITIONS[area.id]
            location["position"] = {"latitude": latitude, "longitude": longitude}
        yield location


def risk(assessed: Assessed) -> Resource:
    """The level (1 green … 4 red, Resolution 128/NQ-CP) of an area, from the day it holds."""
    return {
        "resourceType": "Observation",
        "id": f"risk-{assessed.area}",
        "meta": {"versionId": str(assessed.version), "lastUpdated": stamp(assessed.updated)},
        "status": "final",
        "code": concept(RISK, "risk-level", text="Cấp độ dịch"),
        "subject": {
            "reference": f"Location/{assessed.area}",
            "display": AREAS[assessed.area].name,
        },
        "effectiveDateTime": assessed.since.isoformat(),
        "issued": stamp(assessed.updated),
        "valueInteger": assessed.level,
    }


def _address(area: Area) -> Resource:
    province = AREAS[area.part_of] if area.part_of else area
    address: Resource = {"state": province.name, "country": "VN"}
    if area.part_of:
        address["city"] = area.name
    return address
