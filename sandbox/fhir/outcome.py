"""OperationOutcome: how this FHIR server says that something went wrong."""

from __future__ import annotations

from dataclasses import dataclass, field

from sandbox.fhir.form_parts import in_english
from sandbox.world import Resource


@dataclass
class Problem(Exception):
    """A request that cannot be served: HTTP status, FHIR issue type, words for whoever debugs.

    `text` is meant for people and may be shown to them; it is in Vietnamese, `english` the same.
    """

    status: int
    code: str
    diagnostics: str
    text: str | None = None
    expression: list[str] = field(default_factory=list)
    english: str | None = None

    def outcome(self) -> Resource:
        """The OperationOutcome that says it."""
        issue: Resource = {
            "severity": "error",
            "code": self.code,
            "diagnostics": self.diagnostics,
        }
        if self.text:
            issue["details"] = {"text": self.text}
        if self.text and self.english:
            issue["details"]["_text"] = in_english(self.english)
        if self.expression:
            issue["expression"] = self.expression
        return {"resourceType": "OperationOutcome", "issue": [issue]}
