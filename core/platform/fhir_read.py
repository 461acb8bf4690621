"""FHIR R4 doses, tests and declarations read; what makes no sense is noted and left out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from core.clock import VIETNAM
from core.platform.fhir_codes import LOINC, SNOMED, codes, concept_words, dose_number
from core.platform.ports import Dose, TestResult
from core.platform.reading import (
    Json,
    Object,
    code_of,
    day,
    identifier,
    mapping,
    moment,
    objects,
    reference,
    text,
)
from core.platform.watch import Note

METHODS: dict[str, Literal["pcr", "antigen"]] = {"94500-6": "pcr", "94558-4": "antigen"}
"""LOINC: SARS-CoV-2 RNA by NAA with probe detection; SARS-CoV-2 antigen by rapid immunoassay."""

VALUES: dict[str, Literal["detected", "not-detected"]] = {
    "260373001": "detected",
    "10828004": "detected",  # positive
    "260415000": "not-detected",
    "260385009": "not-detected",  # negative
}

STATUSES: dict[str, Literal["preliminary", "final", "corrected"]] = {
    "registered": "preliminary",
    "preliminary": "preliminary",
    "final": "final",
    "amended": "corrected",
    "corrected": "corrected",
}
"""Those not named here (entered-in-error, cancelled, unknown) are no results."""

SKEW = timedelta(minutes=10)
"""The platform's clock may be so much ahead of ours."""


class RecordReader:
    """Reads records as of one moment, noting through `note` whatever makes no sense."""

    def __init__(self, *, at: datetime, note: Note, check_in_form: str = "") -> None:
        """A response to `check_in_form` is no declaration."""
        self._at = at
        self._note = note
        self._check_in_form = check_in_form

    def dose(self, immunization: Object, citizen_id: str) -> Dose | None:
        """A completed Immunization of this person; None for any other, or without its day."""
        if immunization.get("status") != "completed":
            return None
        if reference(immunization.get("patient"), "Patient") != citizen_id:
            self._note("Immunization of somebody else")
            return None
        on = day(immunization.get("occurrenceDateTime"))
        if on is None or on > (self._at + SKEW).astimezone(VIETNAM).date():
            self._note("Immunization without its day" if on is None else "Immunization to come")
            return None
        vaccine = concept_words(immunization.get("vaccineCode"))
        if vaccine is None:
            self._note("Immunization without vaccine")
        return Dose(
            on=on,
            vaccine=vaccine or "?",
            number=self._dose_number(immunization.get("protocolApplied")),
            lot=text(immunization.get("lotNumber"), longest=40),
            site=text(mapping(immunization.get("location")).get("display"), longest=120),
        )

    def result(self, observation: Object, citizen_id: str) -> TestResult | None:
        """A COVID test among the laboratory Observations of this person; None for anything else."""
        status = STATUSES.get(code_of(observation.get("status")))
        method = self._method(observation)
        value = self._value(observation)
        if status is None or (method is None and value not in ("detected", "not-detected")):
            return None
        if reference(observation.get("subject"), "Patient") != citizen_id:
            self._note("Observation of somebody else")
            return None
        found = identifier(observation.get("id"))
        sampled = moment(observation.get("effectiveDateTime"))
        if found is None or sampled is None or sampled > self._at + SKEW:
            self._note("Observation without id or sampling time")
            return None
        if value is None and status != "preliminary":
            self._note("Observation without value")
        return TestResult(
            id=found,
            method=method or "other",
            value=value or ("pending" if status == "preliminary" else "unclear"),
            status=status,
            sampled=sampled,
            issued=moment(observation.get("issued")),
        )

    def declared(self, response: Object, citizen_id: str) -> datetime | None:
        """When a QuestionnaireResponse about this person was made; None if it does not count."""
        if response.get("status") not in ("completed", "amended"):
            return None
        form = code_of(response.get("questionnaire")).partition("|")[0]
        if form and form == self._check_in_form:
            return None
        if reference(response.get("subject"), "Patient") != citizen_id:
            self._note("QuestionnaireResponse about somebody else")
            return None
        authored = moment(response.get("authored"))
        if authored is None or authored > self._at + SKEW:
            self._note("QuestionnaireResponse without its moment")
            return None
        return authored

    def _dose_number(self, protocols: Json) -> int | None:
        for protocol in objects(protocols):
            if (read := dose_number(protocol)) is not None:
                return read
            self._note("Immunization with an odd dose number")
        return None

    def _method(self, observation: Object) -> Literal["pcr", "antigen"] | None:
        found = {METHODS[code] for code in codes(observation.get("code"), LOINC) if code in METHODS}
        if len(found) > 1:
            self._note("Observation with several methods")
        return found.pop() if len(found) == 1 else None

    def _value(self, observation: Object) -> Literal["detected", "not-detected", "unclear"] | None:
        """None: no value yet."""
        concept = observation.get("valueCodeableConcept")
        found = {VALUES[code] for code in codes(concept, SNOMED) if code in VALUES}
        if len(found) > 1:
            self._note("Observation with contradictory values")
        if len(found) == 1:
            return found.pop()
        return "unclear" if mapping(concept) else None
