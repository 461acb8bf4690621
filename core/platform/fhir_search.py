"""Searching a FHIR R4 server: page after page, of one kind, and never led elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from core.clock import Deadline
from core.errors import Absent, Down
from core.platform.http import Call, PlatformHttp
from core.platform.reading import Json, Object, identifier, mapping, objects
from core.platform.watch import anomaly, noting


class FhirSearch:
    """Reads what a search finds; `page_size` is asked for, `page_cap` pages are read at most."""

    def __init__(self, http: PlatformHttp, *, page_size: int, page_cap: int) -> None:
        self._http = http
        self._page_size = page_size
        self._page_cap = page_cap

    def resources(
        self,
        operation: str,
        kind: str,
        query: tuple[tuple[str, str], ...],
        *,
        deadline: Deadline,
        pages: int | None = None,
        page_size: int | None = None,
        page_cap: int | None = None,
    ) -> Iterator[Object]:
        """The resources of this kind, each once. Entries of other kinds are noted and left out.

        `pages` asks for so many on purpose; without it the cap holds, and is noted. `page_size`
        and `page_cap` only where the usual ones will not do.
        Raises Late, Down or Refused while it is read; Down also when at least half of the
        answer is of other kinds, or when it goes on where we do not follow: then "nothing (else)
        is on record" would not be true.
        """
        note = noting(self._http.platform, operation)
        query = (*query, ("_count", str(page_size or self._page_size)))
        call = Call(operation=operation, path=kind, query=query)
        seen: set[str] = set()
        ours = strangers = 0
        for bundle in self._pages(call, deadline, on_purpose=pages, cap=page_cap or self._page_cap):
            for entry in objects(bundle.get("entry")):
                resource = mapping(entry.get("resource"))
                name = identifier(resource.get("id"))
                if resource.get("resourceType") == kind and name not in seen:
                    ours += 1
                    yield resource
                elif resource.get("resourceType") not in (kind, "OperationOutcome"):
                    strangers += 1
                    note("entry of another kind")
                seen.update([name] if name else [])
        if strangers > 0 and strangers >= ours:
            raise self.senseless(operation, "mostly other kinds")

    def _pages(
        self, call: Call, deadline: Deadline, *, on_purpose: int | None, cap: int
    ) -> Iterator[Object]:
        """The Bundles of a search, one after the other: so many on purpose, or as the cap allows."""
        note = noting(self._http.platform, call.operation)
        followed: set[str] = set()
        for _ in range(on_purpose or cap):
            bundle = self._bundle(call, deadline)
            yield bundle
            further = _next_link(bundle)
            if further is None:
                return
            link = self._http.page_of(further)
            if link is None:
                # Neither we nor our token go there; and half a record must not pass for a whole one.
                raise self.senseless(call.operation, "next page elsewhere")
            if link in followed:
                note("pages in a circle")
                return
            followed.add(link)
            call = replace(call, page=link)
        if on_purpose is None:
            note("more pages than the cap")

    def one(self, operation: str, kind: str, id: str, *, deadline: Deadline) -> Object:
        """The resource of this kind and id; raises Absent, or Down for any other."""
        if identifier(id) is None:
            raise Absent(self._http.platform, "nothing can have such an id")
        call = Call(operation=operation, path=f"{kind}/{{id}}", parts={"id": id})
        found = mapping(self._http.ask(call, deadline=deadline).body)
        if found.get("resourceType") != kind:
            raise self.senseless(operation, f"not a {kind}")
        if found.get("id") != id:
            raise self.senseless(operation, "another one")
        return found

    def _bundle(self, call: Call, deadline: Deadline) -> Object:
        try:
            bundle = mapping(self._http.ask(call, deadline=deadline).body)
        except Absent:
            raise self.senseless(call.operation, "no such search") from None
        if bundle.get("resourceType") != "Bundle":
            raise self.senseless(call.operation, "not a Bundle")
        return bundle

    def senseless(self, operation: str, kind: str) -> Down:
        """Counts an answer that makes no sense, and gives the error to raise for it."""
        anomaly(self._http.platform, operation, kind)
        return Down(self._http.platform, kind)


def _next_link(bundle: Object) -> Json:
    return next(
        (link.get("url") for link in objects(bundle.get("link")) if link.get("relation") == "next"),
        None,
    )
