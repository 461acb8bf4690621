"""Searching a FHIR R4 server: page after page, of one kind, and never led elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from core.clock import Deadline
from core.errors import Absent, Down
from core.platform.http import Call, PlatformHttp
from core.platform.reading import Json, Object, identifier, mapping, objects
from core.platform.watch import anomaly, noting

T = TypeVar("T")


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
    ) -> Iterator[Object]:
        """The resources of this kind, each once. Entries of other kinds are noted and left out.

        `pages` asks for so many on purpose; without it the cap holds, and is noted.
        Raises Late, Down or Refused while it is read.
        """
        found = self._entries(operation, kind, query, deadline, pages)
        return (resource for resource in found if resource is not None)

    def read(
        self,
        operation: str,
        kind: str,
        query: tuple[tuple[str, str], ...],
        reader: Callable[[Object], T | None],
        *,
        deadline: Deadline,
        pages: int | None = None,
    ) -> tuple[T, ...]:
        """What `reader` makes of the resources; what it gives None for is left out.

        Raises Down also when nothing can be read of an answer that is about other things: then
        "nothing is on record" would not be true.
        """
        found = list(self._entries(operation, kind, query, deadline, pages))
        made = (reader(resource) for resource in found if resource is not None)
        usable = tuple(one for one in made if one is not None)
        if None in found and not usable:
            raise self.senseless(operation, "nothing but other kinds")
        return usable

    def _entries(
        self,
        operation: str,
        kind: str,
        query: tuple[tuple[str, str], ...],
        deadline: Deadline,
        pages: int | None,
    ) -> Iterator[Object | None]:
        """Each resource of this kind, once; None for an entry of another kind."""
        note = noting(self._http.platform, operation)
        query = (*query, ("_count", str(self._page_size)))
        seen: set[str] = set()
        link: str | None = None
        for _ in range(pages or self._page_cap):
            call = Call(operation=operation, path=kind, query=query, page=link)
            bundle = self._bundle(call, deadline)
            for entry in objects(bundle.get("entry")):
                resource = mapping(entry.get("resource"))
                name = identifier(resource.get("id"))
                if resource.get("resourceType") == kind and name not in seen:
                    yield resource
                elif resource.get("resourceType") not in (kind, "OperationOutcome"):
                    note("entry of another kind")
                    yield None
                seen.update([name] if name else [])
            further = _next_link(bundle)
            if further is None:
                return
            link = self._http.page_of(further)
            if link is None or link in seen:
                note("next page elsewhere" if link is None else "pages in a circle")
                return
            seen.add(link)
        if pages is None:
            note("more pages than the cap")

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
