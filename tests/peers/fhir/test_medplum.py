"""The contract's suite against Medplum's FHIR router in memory.

Not to be tried there, for that server in memory does not do it: OAuth and refused tokens, pages
(`Bundle.link` next), calling a rest-hook, and whatever only happens on the sandbox.
"""

from __future__ import annotations

import httpx2
import pytest

from tests.core.platform.fhir_contract import FhirContract

pytestmark = pytest.mark.peers


class TestMedplum(FhirContract):
    """Medplum answers every row."""


def test_medplum_takes_no_resource_that_is_not_fhir(medplum: str) -> None:
    """So all that was loaded, and all that the suite wrote, is valid to somebody else's eyes."""
    refused = httpx2.post(f"{medplum}/Task", json={"resourceType": "Task", "status": "requested"})
    assert refused.status_code == 400
