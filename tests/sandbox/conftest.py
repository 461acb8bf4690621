"""A sandbox of one's own on a real port, and a client that holds a token for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from sandbox.server import running
from sandbox.state import settle

BASE = "urn:motcua:id:"
DECLARED = "urn:test:declaration"
TICKET = "urn:test:ticket"


@dataclass
class Watch:
    """A clock that a test can set forward."""

    ahead: timedelta = timedelta()
    began: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __call__(self) -> datetime:
        """The present moment, as far as the sandbox knows."""
        return self.began + self.ahead


@dataclass
class Visitor:
    """Somebody who talks to the sandbox."""

    http: httpx2.Client
    watch: Watch

    @property
    def auth(self) -> dict[str, str]:
        """A header with a fresh token."""
        form = {
            "grant_type": "client_credentials",
            "client_id": "mot-cua",
            "client_secret": "sandbox-secret",
        }
        token = self.http.post("/oauth/token", data=form).json()["access_token"]
        return {"Authorization": f"Bearer {token}"}

    def fhir(self, path: str, **parameters: str) -> dict[str, Any]:
        """A FHIR search or read that must succeed."""
        answer = self.http.get(f"/fhir/{path}", params=parameters, headers=self.auth)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def resources(self, path: str, **parameters: str) -> list[dict[str, Any]]:
        """The resources on the first page of a search."""
        return [each["resource"] for each in self.fhir(path, **parameters).get("entry", [])]

    def write(self, resource: dict[str, Any], **headers: str) -> httpx2.Response:
        """A POST of a FHIR resource."""
        kind = resource["resourceType"]
        return self.http.post(
            f"/fhir/{kind}",
            json=resource,
            headers=self.auth | {name.replace("_", "-"): value for name, value in headers.items()},
        )

    def qrqg(self, path: str, body: dict[str, Any], key: str | None = None) -> httpx2.Response:
        """A POST to QRQG."""
        headers = self.auth | ({"Idempotency-Key": key} if key else {})
        return self.http.post(f"/qrqg/v1/{path}", json=body, headers=headers)

    def person(self, story: str) -> dict[str, Any]:
        """The one person with this story."""
        (found,) = self.http.get("/people", params={"story": story}).json()
        return dict(found)

    def mood(self, platform: str, mood: str, **more: float) -> None:
        """Puts a platform in a mood."""
        answer = self.http.put(f"/moods/{platform}", json={"mood": mood, **more})
        assert answer.status_code == 200, answer.text

    def happen(self, what: str, qid: str, **more: Any) -> dict[str, Any]:
        """Makes something happen that must be possible."""
        answer = self.http.post("/happen", json={"what": what, "qid": qid, **more})
        assert answer.status_code == 200, answer.text
        done: dict[str, Any] = answer.json()
        return done


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    """A visitor to a fresh sandbox with a hundred people."""
    watch = Watch()
    sandbox = settle(people=100, seed=1, clock=watch)
    with running(sandbox) as base, httpx2.Client(base_url=base, timeout=20) as http:
        yield Visitor(http, watch)


def declaration(patient: str, key: str, **changed: Any) -> dict[str, Any]:
    """A good general declaration: was in two places, coughs, met nobody."""
    return {
        "resourceType": "QuestionnaireResponse",
        "identifier": {"system": DECLARED, "value": key},
        "questionnaire": "urn:motcua:form:general|2.0",
        "status": "completed",
        "subject": {"reference": f"Patient/{patient}"},
        "author": {"reference": f"Patient/{patient}"},
        "authored": "2026-11-23T08:00:00+07:00",
        "item": [
            {
                "linkId": "last-14-days",
                "item": [
                    {"linkId": "travel", "answer": [{"valueBoolean": True}]},
                    {"linkId": "travel-where", "answer": [{"valueString": "Huế, Đà Nẵng"}]},
                    {"linkId": "symptoms", "answer": [{"valueBoolean": True}]},
                    {
                        "linkId": "symptoms-which",
                        "answer": [
                            {"valueCoding": {"system": "urn:motcua:symptom", "code": "cough"}},
                            {"valueCoding": {"system": "urn:motcua:symptom", "code": "fever"}},
                        ],
                    },
                    {
                        "linkId": "contact",
                        "item": [
                            {"linkId": f"contact-{letter}", "answer": [{"valueBoolean": False}]}
                            for letter in "abc"
                        ],
                    },
                ],
            }
        ],
    } | changed


def ticket(patient: str, key: str, case: str = "dose-missing") -> dict[str, Any]:
    """A request to put a wrong record right."""
    return {
        "resourceType": "Task",
        "identifier": [{"system": TICKET, "value": key}],
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": "urn:test:task", "code": case}]},
        "for": {"reference": f"Patient/{patient}"},
    }
