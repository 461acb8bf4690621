"""Reads what programs send to `/api/v1/campaigns`: fields, rows, pages and parts. All raise Unreadable."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from flask import Response, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import HTTPException

from core.campaigns.campaign import Area, Fate
from core.campaigns.source import Row, read_csv, read_json
from core.platform.reading import NotJson, parsed
from web.campaigns_models import Part
from web.errors import problem, wrong_fields

LARGEST: Final = 32_000_000
"""Octets of a request with rows; as CSV about half a million of them."""
LARGEST_OTHER: Final = 10_000
LONGEST_KEY: Final = 200

M = TypeVar("M", bound=BaseModel)


class Unreadable(Exception):
    """The request cannot be read; holds the answer."""

    def __init__(self, answer: Response) -> None:
        super().__init__("unreadable")
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Given:
    """A request with rows: its fields, and the rows as JSON or the file's lines."""

    fields: Mapping[str, Any]
    rows: list[Mapping[str, object]] | None = None
    lines: Iterable[bytes] | None = None

    def read(self, needed: frozenset[str]) -> Iterable[Row]:
        """The rows, with the values that the words need."""
        if self.lines is not None:
            return read_csv(self.lines, needed)
        return read_json(self.rows or (), needed)


def given() -> Given:
    """The fields and rows of a request."""
    request.max_content_length = LARGEST
    match request.mimetype:
        case "application/json":
            body = _json(empty=False)
            rows = body.pop("rows", None)
            if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
                raise Unreadable(problem(400, message="`rows` must be a list of objects."))
            return Given(body, rows=rows)
        case "multipart/form-data":
            fields, file = _form()
            return Given(fields, lines=file)
    raise Unreadable(problem(415, message="Send application/json or multipart/form-data."))


def _form() -> tuple[dict[str, str], Iterable[bytes]]:
    try:
        file = request.files.get("file")
        fields = {name: value for name, value in request.form.items() if value}
    except HTTPException as refused:
        raise Unreadable(problem(413 if refused.code == 413 else 400)) from None
    except ValueError:
        raise Unreadable(problem(400)) from None
    if file is None:
        raise Unreadable(problem(400, message="Send the rows as a CSV file in the field `file`."))
    return fields, file.stream


def _json(*, empty: bool) -> dict[str, Any]:
    """The object that was sent; without a body an empty one, where that is allowed."""
    try:
        data = request.get_data(cache=False)
        body = {} if empty and not data else parsed(data)
    except HTTPException as refused:
        raise Unreadable(problem(413 if refused.code == 413 else 400)) from None
    except NotJson:
        raise Unreadable(problem(400, message="This is not JSON.")) from None
    if not isinstance(body, dict):
        raise Unreadable(problem(400, message="Send a JSON object."))
    return body


def small() -> dict[str, Any]:
    """The fields of a request without rows; none at all are as good as an empty object."""
    request.max_content_length = LARGEST_OTHER
    if request.mimetype not in ("", "application/json"):
        raise Unreadable(problem(415))
    return _json(empty=True)


def part() -> Area | None:
    """Which part of a campaign is meant."""
    asked = model(Part, small())
    if asked.province is not None and asked.ward is not None:
        raise Unreadable(problem(400, message="Give either a province or a ward."))
    return asked.area


def model(kind: type[M], fields: Mapping[str, Any]) -> M:
    """These fields as that model."""
    try:
        return kind.model_validate(fields)
    except ValidationError as wrong:
        named = wrong_fields(wrong, kind)
        told = f"Wrong or missing: {', '.join(named)}." if named else "There is an unknown field."
        raise Unreadable(problem(400, message=told, fields=named or None)) from None


def idempotency_key() -> str | None:
    """The caller's own key for this request, if it gave one."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > LONGEST_KEY or not key.isascii() or not (key == "" or key.isprintable()):
        raise Unreadable(problem(400, message="An Idempotency-Key has at most 200 letters."))
    return key or None


def number(name: str, *, usual: int, most: int, least: int = 1) -> int:
    """A number from the address; `usual` where it is not there."""
    written = request.args.get(name)
    if written is None:
        return usual
    read = int(written) if written.isascii() and written.isdecimal() and len(written) <= 10 else -1
    if not least <= read <= most:
        raise Unreadable(problem(400, message=f"`{name}` is a number from {least} to {most}."))
    return read


def fate() -> Fate | None:
    """Of which rows is asked; None: of all."""
    written = request.args.get("state")
    try:
        return None if written is None else Fate(written)
    except ValueError:
        known = ", ".join(Fate)
        raise Unreadable(problem(400, message=f"`state` is one of {known}.")) from None
