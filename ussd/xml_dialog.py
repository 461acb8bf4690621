"""Reads the XML of a USSD gateway's dialog, and refuses what XML can do to a careless reader."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn
from xml.parsers import expat

from core.errors import Malformed

MOST_ELEMENTS = 50
DEEPEST = 6
MESSAGES = frozenset(
    {
        "processUnstructuredSSRequest_Request",
        "unstructuredSSRequest_Response",
        "unstructuredSSNotify_Response",
    }
)
"""What a gateway says to us. Addresses and errors may stand before it in the dialog."""


@dataclass(slots=True)
class Dialog:
    """A dialog's attributes, its one message's name and attributes, and the caller's number.

    `origin` is the number a dialog began with: the caller's where the message names none. `error`
    is the code of a MAP error.
    """

    about: Mapping[str, str] = field(default_factory=dict)
    element: str = ""
    said: Mapping[str, str] = field(default_factory=dict)
    caller: str = ""
    origin: str = ""
    error: str = ""


def read_dialog(body: bytes) -> Dialog:
    """One dialog. Raises Malformed: no document type is read, so no entity can grow or reach out."""
    found = _Found()
    parser = expat.ParserCreate("UTF-8")  # whatever else it says of itself
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.StartElementHandler = found.begins
    parser.EndElementHandler = found.ends
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError):
        raise Malformed("XML") from None
    if not found.elements:
        raise Malformed("XML")
    return found.dialog


def _refuse(*_: Any) -> NoReturn:
    raise Malformed("document type")


@dataclass(slots=True)
class _Found:
    dialog: Dialog = field(default_factory=Dialog)
    depth: int = 0
    elements: int = 0

    def begins(self, name: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > DEEPEST or self.elements > MOST_ELEMENTS:
            raise Malformed("XML")
        match self.depth:
            case 1:
                if name != "dialog":
                    raise Malformed("XML")
                self.dialog.about = attributes
            case 2 if name in MESSAGES and not self.dialog.element:
                self.dialog.element, self.dialog.said = name, attributes
            case 2 if name == "originationReference":
                self.dialog.origin = attributes.get("number", "")
            case 3 if name == "errorComponent":
                self.dialog.error = attributes.get("errorCode", "")[:5]
            case 3 if name == "msisdn":
                self.dialog.caller = attributes.get("number", "")

    def ends(self, _name: str) -> None:
        self.depth -= 1
