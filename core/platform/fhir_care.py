"""FHIR R4 due doses, vaccine passports and isolation read; what makes no sense is noted."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Literal

from core.clock import VIETNAM
from core.platform.fhir_codes import LOINC, SNOMED, codes, concept_words, dose_number
from core.platform.fhir_systems import FhirSystems
from core.platform.ports import Due, Isolation
from core.platform.reading import (
    Json,
    Object,
    code_of,
    day,
    mapping,
    moment,
    objects,
    reference,
)
from core.platform.watch import Note

COVID = "840539006"
"""SNOMED CT: COVID-19."""

DUE_DATES = ("30980-7", "30981-5")
"""LOINC: date vaccine due; earliest date to give. The first that is said counts."""

NOT_DUE = frozenset({"immune", "contraindicated", "complete"})
"""HL7 immunization-recommendation-status codes that call nobody."""

LONGEST_PASSPORT = 4296
"""No QR code holds more letters than these (ISO/IEC 18004)."""

_PASSPORT = re.compile(rf"HC1:[0-9A-Z $%*+\-./:]{{10,{LONGEST_PASSPORT - 4}}}")
"""The letters of base45 (RFC 9285) behind the prefix of a health certificate."""

_NEVER = datetime.min.replace(tzinfo=VIETNAM)


class CareReader:
    """Reads as of one moment, noting through `note` whatever makes no sense."""

    def __init__(self, systems: FhirSystems, *, at: datetime, note: Note) -> None:
        self._systems = systems
        self._at = at
        self._today = at.astimezone(VIETNAM).date()
        self._note = note

    def due(self, recommendations: Iterable[Object], citizen_id: str) -> Due | None:
        """What the newest ImmunizationRecommendation about COVID-19 calls this person for."""
        found: list[tuple[datetime, list[Due]]] = []
        for one in recommendations:
            if reference(one.get("patient"), "Patient") != citizen_id:
                self._note("ImmunizationRecommendation of somebody else")
                continue
            about = [r for r in objects(one.get("recommendation")) if self._about_covid(r)]
            if about:
                made = moment(one.get("date")) or _NEVER
                found.append((made, [due for r in about if (due := self._called_for(r))]))
        newest = max((made for made, _ in found), default=None)
        dues = [due for made, all_due in found if made == newest for due in all_due]
        return min(dues, key=lambda due: (due.on, due.number or 0), default=None)

    def passport(self, documents: Iterable[Object], citizen_id: str) -> str | None:
        """The newest current vaccine passport of this person."""
        found: list[tuple[datetime, str]] = []
        for one in documents:
            if one.get("status") != "current" or one.get("docStatus") == "entered-in-error":
                continue
            if reference(one.get("subject"), "Patient") != citizen_id:
                self._note("DocumentReference of somebody else")
                continue
            end = mapping(mapping(one.get("context")).get("period")).get("end")
            if not self._is_passport(one) or self._is_over(end):
                continue
            written = next(self._attached(one.get("content")), None)
            if written is None:
                self._note("vaccine passport that cannot be read")
                continue
            found.append((moment(one.get("date")) or _NEVER, written))
        return max(found, default=(None, None))[1]

    def isolation(self, flags: Iterable[Object], citizen_id: str) -> Isolation | None:
        """Isolation or treatment of this person under way today; the newest of several."""
        found = [read for one in flags if (read := self._under_way(one, citizen_id))]
        return max(found, key=lambda one: (one.since, one.kind == "treatment"), default=None)

    def _about_covid(self, recommendation: Object) -> bool:
        disease = set(codes(recommendation.get("targetDisease"), SNOMED))
        return not disease or COVID in disease

    def _called_for(self, recommendation: Object) -> Due | None:
        status = mapping(recommendation.get("forecastStatus")).get("coding")
        if any(code_of(one.get("code")) in NOT_DUE for one in objects(status)):
            return None
        on = self._due_date(recommendation.get("dateCriterion"))
        if on is None:
            self._note("recommendation without its day")
            return None
        vaccines = (concept_words(one) for one in objects(recommendation.get("vaccineCode")))
        number = dose_number(recommendation)
        return Due(on, next(filter(None, vaccines), None), number)

    def _due_date(self, criteria: Json) -> date | None:
        said = {
            code: day(one.get("value"))
            for one in objects(criteria)
            for code in codes(one.get("code"), LOINC)
        }
        return next((on for code in DUE_DATES if (on := said.get(code))), None)

    def _is_passport(self, document: Object) -> bool:
        system, _, code = self._systems.vaccine_passport.rpartition("|")
        return code in codes(document.get("type"), system)

    def _is_over(self, end: Json) -> bool:
        """Whether an end was said that has passed; an end that is no date ends nothing."""
        last = day(end)
        return last is not None and last < self._today

    def _attached(self, contents: Json) -> Iterator[str]:
        for content in objects(contents):
            written = mapping(content.get("attachment")).get("data")
            if not isinstance(written, str) or len(written) > 2 * LONGEST_PASSPORT:
                continue
            try:
                read = base64.b64decode("".join(written.split()), validate=True).decode("ascii")
            except (binascii.Error, ValueError):
                continue
            if _PASSPORT.fullmatch(read.strip("\r\n")):
                yield read.strip("\r\n")

    def _under_way(self, flag: Object, citizen_id: str) -> Isolation | None:
        kind = self._kind(flag)
        if flag.get("status") != "active" or kind is None:
            return None
        if reference(flag.get("subject"), "Patient") != citizen_id:
            self._note("Flag of somebody else")
            return None
        period = mapping(flag.get("period"))
        since, until = day(period.get("start")), day(period.get("end"))
        if since is None or (until is not None and until < since):
            self._note("Flag without its days")
            return None
        if since > self._today or (until is not None and until < self._today):
            return None
        return Isolation(kind, since, until)

    def _kind(self, flag: Object) -> Literal["isolation", "treatment"] | None:
        said = codes(flag.get("code"), self._systems.flag)
        if "treatment" in said:
            return "treatment"
        return "isolation" if "isolation" in said else None
