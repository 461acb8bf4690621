"""Writing to a FHIR R4 server, once: the conditional create, and finding what was created."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import quote

from core.clock import Deadline
from core.errors import Absent, Down, Late, Refused
from core.platform.fhir_search import FhirSearch
from core.platform.http import Answer, Call, PlatformHttp
from core.platform.reading import Object, identifier, mapping


@dataclass(frozen=True, slots=True)
class Created:
    """What a create has come to: the id, if it is known, and the resource, if it was shown."""

    id: str | None
    resource: Object


class FhirCreate:
    """Creates resources; whoever does it again with the same condition does no harm."""

    def __init__(self, http: PlatformHttp, search: FhirSearch) -> None:
        self._http = http
        self._search = search

    def once(
        self,
        operation: str,
        resource: Object,
        *,
        unless: tuple[tuple[str, str], ...],
        deadline: Deadline,
    ) -> Created:
        """Creates the resource unless this search finds one. Raises as a call does."""
        kind = str(resource["resourceType"])
        condition = "&".join(f"{name}={quote(value, safe=':/|,')}" for name, value in unless)
        call = Call(
            operation=operation,
            method="POST",
            path=kind,
            headers={"If-None-Exist": condition, "Prefer": "return=representation"},
            body=resource,
            settled=frozenset({409, 412}),
        )
        try:
            answer = self._http.ask(call, deadline=deadline)
        except Absent:
            # Nothing can be missing that is yet to be made: somebody else answers in its place.
            raise self._search.senseless(operation, "no such place to write to") from None
        created = self._created(answer, kind, operation)
        return created if created.id else self._found(f"{operation}-again", kind, unless, deadline)

    def _created(self, answer: Answer, kind: str, operation: str) -> Created:
        """What was just created, from the body or from where it is said to be."""
        body = mapping(answer.body)
        if body.get("resourceType") == kind and identifier(body.get("id")):
            return Created(identifier(body["id"]), body)
        place = re.search(rf"{kind}/([^/?]+)", answer.headers.get("location", ""))
        if place is not None and identifier(place[1]):
            return Created(place[1], {})
        if answer.status not in (409, 412) and answer.body is not None:
            # It may have been kept or not; whoever sends it again with its key does no harm.
            raise self._search.senseless(operation, f"not a {kind}")
        return Created(None, {})

    def _found(
        self, operation: str, kind: str, unless: tuple[tuple[str, str], ...], deadline: Deadline
    ) -> Created:
        """What had been kept already, as far as the platform tells."""
        try:
            found = self._search.resources(operation, kind, unless, deadline=deadline, pages=1)
            for one in found:
                if identifier(one.get("id")):
                    return Created(identifier(one["id"]), one)
        except (Late, Down, Refused):
            # The write itself has succeeded: not being told its id must not undo that.
            pass
        return Created(None, {})
