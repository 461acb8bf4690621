"""A FHIR server written by others, holding a dozen people as the sandbox serves them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from core.platform.fhir import MEDIA_TYPE, Fhir, FhirSettings
from tests.core.platform.fhir_contract import People

HERE = Path(__file__).parent

STORIES = (
    "family-mother", "family-child", "couple-wife", "foreigner", "leap-day", "long-name",
    "many-doses", "antigen-negative", "result-pending", "result-positive", "result-corrected",
    "wrong-dose-missing", "wrong-all-missing", "wrong-details",
)  # fmt: skip

ABOUT_THEM = (
    "Immunization", "ImmunizationRecommendation", "Observation", "Flag", "DocumentReference",
)  # fmt: skip

PROVINCES = 2
"""So many, with the first page of their wards."""


class Source:
    """The sandbox's FHIR server, as any client reads it."""

    def __init__(self, sandbox: str) -> None:
        self._http = httpx2.Client(base_url=sandbox, timeout=20)
        form = {
            "grant_type": "client_credentials",
            "client_id": "mot-cua",
            "client_secret": "sandbox-secret",
        }
        token = self._http.post("/oauth/token", data=form).json()["access_token"]
        self._http.headers["Authorization"] = f"Bearer {token}"

    def people(self) -> list[dict[str, Any]]:
        """Everybody, as the sandbox tells of them."""
        return list(self._http.get("/people", params={"limit": 300}).json())

    def found(self, kind: str, **parameters: str) -> list[dict[str, Any]]:
        """The first page of a search."""
        answer = self._http.get(f"/fhir/{kind}", params=parameters)
        assert answer.status_code == 200, answer.text
        return [entry["resource"] for entry in answer.json().get("entry", [])]

    def everything(self, patients: list[str]) -> Iterator[dict[str, Any]]:
        """These people with all their records, the forms, and some areas with their risk."""
        for patient in patients:
            yield from self.found("Patient", _id=patient)
            for kind in ABOUT_THEM:
                yield from self.found(kind, patient=patient)
        yield from self.found("Questionnaire")
        provinces = [one for one in self.found("Location", _count="200") if "partOf" not in one]
        for province in provinces[:PROVINCES]:
            for area in (province, *self.found("Location", partof=province["id"], _count="20")):
                yield area
                yield from self.found("Observation", subject=f"Location/{area['id']}")

    def close(self) -> None:
        self._http.close()


@pytest.fixture(scope="session")
def source(sandbox: str) -> Iterator[Source]:
    made = Source(sandbox)
    yield made
    made.close()


@pytest.fixture(scope="session")
def people(source: Source) -> People:
    """The dozen, by their story."""
    return {one["story"]: one for one in source.people() if one["story"] in STORIES}


@pytest.fixture(scope="session")
def medplum(source: Source, people: People) -> Iterator[str]:
    """The address of Medplum's FHIR router, which takes only what its own validator passes."""
    process = subprocess.Popen(
        ["node", "server.mjs"], cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        base = f"http://127.0.0.1:{int(process.stdout.readline())}/fhir"
        with httpx2.Client(headers={"Content-Type": MEDIA_TYPE}, timeout=20) as http:
            for resource in source.everything([one["patient"] for one in people.values()]):
                place = f"{base}/{resource['resourceType']}/{resource['id']}"
                answer = http.put(place, json=resource)
                assert answer.status_code == 200, f"{place}: {answer.text}"
        yield base
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture
def fhir(medplum: str) -> Iterator[Fhir]:
    """The same client as ever; that server asks for no token."""
    client = Fhir(FhirSettings(url=medplum))
    yield client
    client.close()
