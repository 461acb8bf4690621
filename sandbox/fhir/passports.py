"""A vaccine passport as a FHIR DocumentReference, with the `HC1:` text as its attachment."""

from __future__ import annotations

import base64

from sandbox.clock import stamp
from sandbox.fhir.codes import DOCUMENT, LOINC
from sandbox.passport.certificate import validity
from sandbox.passport.office import PassportOffice
from sandbox.people.person import Person
from sandbox.world import Resource


def passport_document(office: PassportOffice, person: Person) -> Resource | None:
    """The document of a person whose series is complete; None for all others."""
    holds, text = validity(person), office.passport(person)
    if holds is None or text is None:
        return None
    said = base64.b64encode(text.encode()).decode()
    return {
        "resourceType": "DocumentReference",
        "id": f"{person.id}-hc1",
        "meta": {
            "versionId": str(person.version),
            "lastUpdated": stamp(person.updated or holds.issued),
        },
        "status": "current",
        "type": {
            "coding": [
                {"system": DOCUMENT, "code": "vaccine-passport"},
                {"system": LOINC, "code": "82593-5", "display": "Immunization summary report"},
            ],
            "text": "Hộ chiếu vắc xin",
        },
        "subject": {"reference": f"Patient/{person.id}"},
        "date": stamp(holds.issued),
        "content": [{"attachment": {"contentType": "text/plain", "data": said, "title": "HC1"}}],
        "context": {"period": {"start": stamp(holds.issued), "end": stamp(holds.until)}},
    }
