"""The identifier and code systems the sandbox speaks; its own are URNs, as no official ones are public."""

from __future__ import annotations

from typing import Any

IDENTIFIER = "urn:motcua:id:"
"""Followed by cccd, cmnd, passport, bhyt or qid."""

FORM = "urn:motcua:form:"
"""Followed by general, domestic or entry: a Questionnaire's url."""

CONDITION = "urn:motcua:condition"
VACCINE = "urn:motcua:vaccine"
FLAG = "urn:motcua:flag"
RISK = "urn:motcua:risk"
AREA = "urn:motcua:area"
"""province or ward: Location.type."""

DOCUMENT = "urn:motcua:document"
"""vaccine-passport: DocumentReference.type."""

CASES = ("dose-missing", "all-doses-missing", "details-wrong")
"""What may be wrong with a record: the code in Task.code, in whatever system."""

SYMPTOM = "urn:motcua:symptom"
VEHICLE = "urn:motcua:vehicle"
TUBE = "urn:motcua:tube"

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"
HL7 = "http://terminology.hl7.org/CodeSystem/"

METHODS = {
    "naat": ("94500-6", "SARS-CoV-2 RNA, xét nghiệm RT-PCR"),
    "antigen": ("94558-4", "SARS-CoV-2 Ag, xét nghiệm nhanh kháng nguyên"),
}
FINDINGS = {
    "detected": ("260373001", "Detected", "Dương tính"),
    "not-detected": ("260415000", "Not detected", "Âm tính"),
}
RELATIONS = {
    "mother": "MTH",
    "father": "FTH",
    "daughter": "DAUC",
    "son": "SONC",
    "spouse": "SPS",
    "relative": "FAMMEMB",
}
"""What the contact is to the person, as v3-RoleCode has it."""


def concept(system: str, code: str, *, text: str, display: str | None = None) -> dict[str, Any]:
    """A CodeableConcept with one coding."""
    coding = {"system": system, "code": code}
    if display:
        coding["display"] = display
    return {"coding": [coding], "text": text}
