"""The codes of FHIR R4 read: concepts by system, their words, and numbers of doses."""

from __future__ import annotations

from core.platform.reading import Json, Object, code_of, mapping, objects, text, whole

LOINC = "http://loinc.org"
SNOMED = "http://snomed.info/sct"


def codes(concept: Json, system: str) -> list[str]:
    """The codes that a CodeableConcept has in one system."""
    return [
        code_of(coding.get("code"))
        for coding in objects(mapping(concept).get("coding"))
        if coding.get("system") == system
    ]


def concept_words(concept: Json) -> str | None:
    """A CodeableConcept in words: its text, else the first display, else the first code."""
    codings = list(objects(mapping(concept).get("coding")))
    said = [mapping(concept).get("text"), *(one.get("display") for one in codings)]
    for one in [*said, *(coding.get("code") for coding in codings)]:
        if read := text(one, longest=120):
            return read
    return None


def dose_number(holder: Object) -> int | None:
    """`doseNumberPositiveInt`, or a `doseNumberString` of digits; None unless from 1 to 20."""
    spelled = text(holder.get("doseNumberString"), longest=2)
    read = whole(holder.get("doseNumberPositiveInt"))
    if read is None and spelled is not None and spelled.isascii() and spelled.isdigit():
        read = int(spelled)
    return read if read is not None and 1 <= read <= 20 else None
