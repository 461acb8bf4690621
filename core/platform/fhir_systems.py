"""How the health platform names things: identifier systems, code systems and the codes in them."""

from __future__ import annotations

from dataclasses import dataclass

from core.people.papers import PaperType


@dataclass(frozen=True, slots=True)
class FhirSystems:
    """Every system the client speaks of; the defaults are the sandbox's, none are official."""

    cccd: str = "urn:motcua:id:cccd"
    cmnd: str = "urn:motcua:id:cmnd"
    passport: str = "urn:motcua:id:passport"
    bhyt: str = "urn:motcua:id:bhyt"
    qid: str = "urn:motcua:id:qid"
    ticket: str = "urn:motcua:id:ticket"
    """For the numbers that people are told of their correction."""
    idempotency: str = "urn:motcua:id:declaration"
    """For the keys that keep a repeated write from counting twice."""
    correction: str = "urn:motcua:correction"
    """Codes dose-missing, all-doses-missing and details-wrong."""
    flag: str = "urn:motcua:flag"
    """Codes isolation and treatment."""
    check_in_form: str = "urn:motcua:form:check-in"
    """`Questionnaire.url` of what people in isolation are asked: one choice, `condition`."""
    condition: str = "urn:motcua:condition"
    """Codes well, mild and severe."""
    risk: str = "urn:motcua:risk"
    """Code risk-level."""
    vaccine_passport: str = "http://loinc.org|82593-5"
    """`system|code` of the DocumentReference.type that vaccine passports have."""

    def of_paper(self, kind: PaperType) -> str:
        """The system which numbers this kind of paper."""
        return {named: system for system, named in self.papers.items()}[kind]

    @property
    def papers(self) -> dict[str, PaperType]:
        """System → the kind of paper it numbers."""
        return {
            self.cccd: "cccd",
            self.cmnd: "cmnd",
            self.passport: "passport",
            self.bhyt: "bhyt",
        }
