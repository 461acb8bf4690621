"""How each network asks and shows: one small class for each aggregator's wire.

The contract, the transcript and the telephone of `tests/talk.py` all speak through these.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import unquote, urlencode
from xml.etree import ElementTree
from xml.sax.saxutils import quoteattr

from tests.ussd.kannel_calls import query_of

FORM = "application/x-www-form-urlencoded"
CODE = "*1022#"


@dataclass(frozen=True)
class Hop:
    """One hop as a network knows it: `said` holds every answer so far, `ahead` what was dialled."""

    said: Sequence[str] = ()
    session: str = "s1"
    phone: str = "+84912345678"
    ahead: str = ""
    """What stood between the service code and the #, such as `2*1`."""

    @property
    def first(self) -> bool:
        return not self.said

    @property
    def dialled(self) -> str:
        return f"*1022*{self.ahead}#" if self.ahead else CODE

    @property
    def number(self) -> int:
        return len(self.said) + 1

    @property
    def bare(self) -> str:
        return self.phone.removeprefix("+")


@dataclass(frozen=True)
class Request:
    """What a network sends: below which path of the aggregator's own address, and how."""

    path: str = ""
    method: str = "POST"
    query: str = ""
    body: bytes = b""
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    def named(self) -> dict[str, Any]:
        """The same as arguments of Flask's test client."""
        named: dict[str, Any] = {"method": self.method, "headers": dict(self.headers)}
        if self.query:
            named["query_string"] = self.query
        if self.content_type:
            named |= {"data": self.body, "content_type": self.content_type}
        return named


@dataclass(frozen=True)
class Reply:
    """What came back: enough of it for every wire."""

    status: int
    content_type: str
    text: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Wire(Protocol):
    """One network."""

    name: str
    needed: tuple[str, ...]

    def ask(self, hop: Hop, *, without: str = "") -> Request:
        """The request for a hop, with a field left out."""

    def leave(self, hop: Hop) -> Request | None:
        """The news that the person has left; None where the network tells none."""

    def shown(self, reply: Reply) -> tuple[str, bool]:
        """The words on the screen, and whether the session stays open."""


def fields_but(fields: Mapping[str, Any], without: str) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name != without}


def form(fields: Mapping[str, str], path: str = "") -> Request:
    return Request(path, body=urlencode(fields).encode(), content_type=FORM)


def posted(
    content: Mapping[str, Any], path: str = "", method: str = "POST", **more: Any
) -> Request:
    body = json.dumps(content, ensure_ascii=False).encode()
    return Request(path, method, body=body, content_type="application/json", **more)


def told(reply: Reply) -> dict[str, Any]:
    assert reply.content_type == "application/json; charset=utf-8"
    read: dict[str, Any] = json.loads(reply.text)
    return read


def con_or_end(reply: Reply) -> tuple[str, bool]:
    assert reply.content_type == "text/plain; charset=utf-8"
    kind, _, text = reply.text.partition(" ")
    assert kind in ("CON", "END"), reply.text
    return text, kind == "CON"


class AfricasTalkingWire:
    name = "africastalking"
    needed: tuple[str, ...] = ("sessionId", "phoneNumber", "serviceCode", "text")

    def _fields(self, hop: Hop) -> dict[str, str]:
        return {
            "sessionId": f"ATUid_{hop.session}",
            "phoneNumber": hop.phone,
            "networkCode": "45204",
            "serviceCode": CODE,
            "text": "*".join([*filter(None, [hop.ahead]), *hop.said]),
        }

    def ask(self, hop: Hop, *, without: str = "") -> Request:
        return form(fields_but(self._fields(hop), without))

    def leave(self, hop: Hop) -> Request | None:
        more = {"status": "Incomplete", "hopsCount": "2", "input": "1"}
        return form({**self._fields(hop), **more}, "notice")

    shown = staticmethod(con_or_end)


class SafaricomWire:
    name = "safaricom"
    needed: tuple[str, ...] = ("ORIG", "DEST", "SESSION_ID", "USSD_PARAMS")

    def ask(self, hop: Hop, *, without: str = "") -> Request:
        fields = {
            "ORIG": hop.bare,
            "DEST": "1022",
            "SESSION_ID": hop.session,
            "USSD_PARAMS": "*".join([*filter(None, [hop.ahead]), *hop.said]),
        }
        return Request(method="GET", query=urlencode(fields_but(fields, without)))

    def leave(self, hop: Hop) -> Request | None:
        return None

    shown = staticmethod(con_or_end)


class AirtelWire:
    name = "airtel"
    needed: tuple[str, ...] = ("MSISDN", "input", "SessionID")

    def ask(self, hop: Hop, *, without: str = "") -> Request:
        said = hop.dialled.strip("*#") if hop.first else hop.said[-1]
        fields = {"MSISDN": hop.bare, "MSC": "1", "input": said, "SessionID": hop.session}
        return Request(method="GET", query=urlencode(fields_but(fields, without)))

    def leave(self, hop: Hop) -> Request | None:
        about = {"SessionID": hop.session, "msisdn": hop.bare}
        told = {"clean": "clean-session", "error": "522", **about}
        return Request(method="GET", query=urlencode(told))

    def shown(self, reply: Reply) -> tuple[str, bool]:
        assert reply.headers["charge"] == "N"
        assert reply.headers["Freeflow"] in ("FC", "FB")
        return reply.text, reply.headers["Freeflow"] == "FC"


class InfobipWire:
    name = "infobip"
    needed: tuple[str, ...] = ("msisdn", "text")

    def ask(self, hop: Hop, *, without: str = "") -> Request:
        fields = {
            "msisdn": hop.bare,
            "imsi": "452011234567890",
            "shortCode": hop.dialled,
            "text": hop.dialled if hop.first else hop.said[-1],
            "optional": "o=1",
            "ussdGwId": "11",
            "language": None,
        }
        what = "start" if hop.first else "response"
        return posted(fields_but(fields, without), f"session/{hop.session}/{what}")

    def leave(self, hop: Hop) -> Request | None:
        return posted({"reason": "ok", "exitCode": 0}, f"session/{hop.session}/end", "PUT")

    def shown(self, reply: Reply) -> tuple[str, bool]:
        read = told(reply)
        assert reply.status == 200
        assert isinstance(read["responseExitCode"], int)
        return read["ussdMenu"], not read["shouldClose"]


class HubtelWire:
    name = "hubtel"
    needed: tuple[str, ...] = ("Type", "Mobile", "SessionId", "ServiceCode", "Message", "Sequence")

    def _fields(self, hop: Hop) -> dict[str, Any]:
        return {
            "Type": "Initiation" if hop.first else "Response",
            "Mobile": hop.bare,
            "SessionId": hop.session,
            "ServiceCode": "1022",
            "Message": hop.dialled if hop.first else hop.said[-1],
            "Operator": "vodafone",
            "Sequence": hop.number,
            "ClientState": "",
            "Platform": "USSD",
        }

    def ask(self, hop: Hop, *, without: str = "") -> Request:
        return posted(fields_but(self._fields(hop), without))

    def leave(self, hop: Hop) -> Request | None:
        return posted({**self._fields(hop), "Type": "TIMEOUT", "Message": ""})

    def shown(self, reply: Reply) -> tuple[str, bool]:
        read = told(reply)
        assert read["Type"] in ("response", "release")
        return read["Message"], read["Type"] == "response"


class NaloWire:
    name = "nalo"
    needed: tuple[str, ...] = ("MSISDN", "USERDATA", "MSGTYPE")

    def ask(self, hop: Hop, *, without: str = "") -> Request:
        fields = {
            "USERID": "NALOTest",
            "MSISDN": hop.bare,
            "USERDATA": hop.dialled if hop.first else hop.said[-1],
            "MSGTYPE": hop.first,
            "NETWORK": "MTN",
            "SESSIONID": hop.session,
        }
        return posted(fields_but(fields, without))

    def leave(self, hop: Hop) -> Request | None:
        return None

    def shown(self, reply: Reply) -> tuple[str, bool]:
        read = told(reply)
        assert set(read) == {"USERID", "MSISDN", "MSG", "MSGTYPE"}
        return read["MSG"], read["MSGTYPE"]


class ArkeselWire:
    name = "arkesel"
    needed: tuple[str, ...] = ("sessionID", "newSession", "msisdn", "userData")

    def ask(self, hop: Hop, *, without: str = "") -> Request:
        fields = {
            "sessionID": hop.session,
            "userID": "user-1",
            "newSession": hop.first,
            "msisdn": hop.bare,
            "userData": hop.dialled if hop.first else hop.said[-1],
            "network": "MTN",
        }
        return posted(fields_but(fields, without))

    def leave(self, hop: Hop) -> Request | None:
        return None

    def shown(self, reply: Reply) -> tuple[str, bool]:
        read = told(reply)
        assert {"sessionID", "userID", "msisdn"} < set(read)
        return read["message"], read["continueSession"]


class BeemWire:
    name = "beem"
    needed: tuple[str, ...] = ("command", "msisdn", "session_id")

    def _fields(self, hop: Hop, command: str) -> dict[str, Any]:
        return {
            "command": command,
            "msisdn": hop.bare,
            "session_id": hop.session,
            "operator": "vodacom",
            "payload": {"request_id": 0, "response": hop.dialled if hop.first else hop.said[-1]},
        }

    def ask(self, hop: Hop, *, without: str = "") -> Request:
        command = "initiate" if hop.first else "continue"
        return posted(fields_but(self._fields(hop, command), without))

    def leave(self, hop: Hop) -> Request | None:
        return posted(self._fields(hop, "terminate"))

    def shown(self, reply: Reply) -> tuple[str, bool]:
        read = told(reply)
        assert read["command"] in ("continue", "terminate")
        return read["payload"]["request"], read["command"] == "continue"


class MoolreWire:
    name = "moolre"
    needed: tuple[str, ...] = ("sessionid", "new", "msisdn", "message")

    def ask(self, hop: Hop, *, without: str = "") -> Request:
        fields = {
            "sessionid": hop.session,
            "new": hop.first,
            "msisdn": hop.bare,
            "network": 3,
            "message": "" if hop.first else hop.said[-1],
            "extension": "1022",
            "data": hop.ahead if hop.first else "",
        }
        return posted(fields_but(fields, without))

    def leave(self, hop: Hop) -> Request | None:
        return None

    def shown(self, reply: Reply) -> tuple[str, bool]:
        read = told(reply)
        assert set(read) == {"message", "reply"}
        return read["message"], read["reply"]


class MobicentsWire:
    """Keeps `userObject` from one hop to the next, as the gateway does."""

    name = "mobicents"
    needed: tuple[str, ...] = ("localId", "invokeId", "string")

    def __init__(self) -> None:
        self._known: dict[str, str] = {}
        self._asked = ""

    def _dialog(self, hop: Hop, inner: str, without: str, **more: str) -> Request:
        ids = {"localId": hop.session, "remoteId": "1"}
        if user := self._known.get(hop.session):
            ids["userObject"] = user
        about = {"type": "Begin" if hop.first else "Continue", **ids, **more}
        self._asked = hop.session
        outer = attributes(fields_but(about, without))
        before = self._before(hop) if hop.first else ""
        xml = f"<dialog{outer}>{before}{inner}</dialog>"
        return Request(body=xml.encode(), content_type="text/xml")

    @staticmethod
    def _before(hop: Hop) -> str:
        """What stands in a dialog before its message."""
        center = '<gt type="GlobalTitle0100" tt="0" es="2" np="1" nai="4" digits="84980200001"/>'
        return (
            '<localAddress pc="1" ssn="8"><ai value="67"/></localAddress>'
            f'<remoteAddress pc="0" ssn="146"><ai value="18"/>{center}</remoteAddress>'
            '<destinationReference number="204208300008002" nai="international_number"/>'
            f'<originationReference number="{hop.bare}" nai="international_number" npi="ISDN"/>'
            "<errComponents/>"
        )

    def ask(self, hop: Hop, *, without: str = "") -> Request:
        said = hop.dialled if hop.first else hop.said[-1]
        about = {"invokeId": str(hop.number), "dataCodingScheme": "15", "string": said}
        written = attributes(fields_but(about, without))
        if hop.first:
            self._known.pop(hop.session, None)
        if not hop.first and hop.session in self._known:
            return self._dialog(hop, f"<unstructuredSSRequest_Response{written}/>", without)
        caller = f'<msisdn nai="international_number" npi="ISDN" number="{hop.bare}"/>'
        name = "processUnstructuredSSRequest_Request" if hop.first else ANSWER
        return self._dialog(hop, f"<{name}{written}>{caller}</{name}>", without)

    def leave(self, hop: Hop) -> Request | None:
        over = {"mapUserAbortChoice": "isUserSpecificReason", "type": "Unknown"}
        return self._dialog(hop, "<errComponents/>", "", **over)

    def shown(self, reply: Reply) -> tuple[str, bool]:
        assert reply.content_type == "text/xml; charset=utf-8"
        dialog = ElementTree.fromstring(reply.text)
        (message,) = dialog
        if user := dialog.get("userObject"):
            self._known[self._asked] = user
        return message.attrib["string"], message.tag == "unstructuredSSRequest_Request"


class JunebugWire:
    """Posts hops, and is posted the pages: `take` stands for its channel's messages address."""

    name = "junebug"
    needed: tuple[str, ...] = ("to", "from", "message_id")
    token = "token-of-junebug"

    def __init__(self) -> None:
        self._taken: list[Mapping[str, Any]] = []

    def take(self, message: Mapping[str, object]) -> bool:
        self._taken.append(message)
        return True

    def _hop(self, hop: Hop, event: str, content: str | None, without: str = "") -> Request:
        fields = {
            "to": hop.dialled if hop.first else CODE,
            "from": hop.phone,
            "group": None,
            "message_id": f"{hop.session}-{hop.number}-{event}",
            "channel_id": "ussd-1",
            "timestamp": "2026-11-23 12:44:27.103",
            "reply_to": None,
            "content": content,
            "channel_data": {"session_event": event},
        }
        told = {"Authorization": f"Token {self.token}"}
        return posted(fields_but(fields, without), headers=told)

    def ask(self, hop: Hop, *, without: str = "") -> Request:
        if hop.first:
            return self._hop(hop, "new", None, without)
        return self._hop(hop, "resume", hop.said[-1], without)

    def leave(self, hop: Hop) -> Request | None:
        return self._hop(hop, "close", None)

    def shown(self, reply: Reply) -> tuple[str, bool]:
        read = told(reply)
        if "error" in read:
            return read["error"], False
        page = self._taken[-1]
        assert set(page) == {"reply_to", "content", "channel_data"}
        return page["content"], page["channel_data"] == {"session_event": "resume"}


ANSWER = "unstructuredSSRequest_Response"


def attributes(values: Mapping[str, str]) -> str:
    return "".join(f" {name}={quoteattr(value)}" for name, value in values.items())


class KannelWire:
    name = "kannel"
    needed: tuple[str, ...] = ("from", "to", "text", "id", "meta")

    def _query(self, hop: Hop, op: bytes, text: str, without: str = "") -> Request:
        number = sum(hop.session.encode()) % 100 + 1
        parameters = {"ussd_service_op": op, "its_session_info": bytes([number, 0])}
        id = f"{hop.session}-{hop.number}-{op.hex()}"
        query = query_of(text, parameters, phone=hop.phone, id=id, drop=without)
        return Request(method="GET", query=query)

    def ask(self, hop: Hop, *, without: str = "") -> Request:
        if hop.first:
            return self._query(hop, b"\x01", hop.dialled, without)
        return self._query(hop, b"\x12", hop.said[-1], without)

    def leave(self, hop: Hop) -> Request | None:
        return self._query(hop, b"\x81", "")

    def shown(self, reply: Reply) -> tuple[str, bool]:
        told = unquote(reply.headers.get("X-Kannel-Meta-Data", ""), "latin-1")
        return reply.text, "ussd_service_op=2&" in f"{told}&"


WIRES: tuple[type[Wire], ...] = (
    AfricasTalkingWire,
    SafaricomWire,
    AirtelWire,
    InfobipWire,
    HubtelWire,
    NaloWire,
    ArkeselWire,
    BeemWire,
    MoolreWire,
    MobicentsWire,
    JunebugWire,
    KannelWire,
)
