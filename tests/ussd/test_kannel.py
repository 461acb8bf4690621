"""USSD through Kannel: the contract, and what is its own: parameters of SMPP, bytes, dialects."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from flask.testing import FlaskClient

from core.asked import Asked
from core.errors import Malformed
from core.message import Page
from tests.core.house import House
from tests.ussd.contract import UssdContract, Watched
from tests.ussd.kannel_calls import GET_URL, meta_data, query_of
from tests.ussd.wires import KannelWire
from ussd.aggregators.kannel import Kannel
from ussd.pages import UssdVoice
from ussd.smpp import Dialect

DIALLED, ANSWERED, ABORTED = b"\x01", b"\x12", b"\x81"
CODE = "*1022#"


def hop(op: bytes, text: str | bytes, *, session: bytes = b"*\0", **more: Any) -> dict[str, Any]:
    parameters = {"ussd_service_op": op, "its_session_info": session}
    return {"query_string": query_of(text, parameters, **more)}


def parameters_of(headers: Any) -> dict[str, bytes]:
    """The optional parameters that Kannel would put beside the page."""
    empty, group, told = headers["X-Kannel-Meta-Data"].split("?")
    assert (empty, group) == ("", "smpp")
    pairs = (one.split("=") for one in told.split("&"))
    return {name: unquote_to_bytes(value) for name, value in pairs}


class TestKannel(UssdContract):
    aggregator = Kannel(service_code=CODE)
    wire = KannelWire()

    # The parameters of SMPP

    def test_the_session_goes_back_as_it_came_but_for_its_last_bit(
        self, client: FlaskClient, watched: Watched
    ) -> None:
        for session in (b"*\0", b" +", b"&=", b"\xff\xfe", b"%\x02", b"\0\x7e"):
            asked = hop(DIALLED, CODE, session=bytes([session[0], session[1] & 0xFE]))
            told = parameters_of(client.get(self.url(), **asked).headers)
            assert told == {
                "ussd_service_op": b"2",
                "its_session_info": bytes([session[0], session[1] & 0xFE]),
            }
        watched.fails = RuntimeError("trouble")
        told = parameters_of(client.get(self.url(), **hop(ANSWERED, "1", session=b"*\2")).headers)
        assert told == {"ussd_service_op": b"17", "its_session_info": b"*\3"}

    def test_headers_are_plain_ascii_whatever_the_session_is(self, client: FlaskClient) -> None:
        for octet in range(256):
            answer = client.get(self.url(), **hop(DIALLED, CODE, session=bytes([octet, 0x0A])))
            assert answer.headers["X-Kannel-Meta-Data"].isascii()
            assert parameters_of(answer.headers)["its_session_info"] == bytes([octet, 0x0A])

    @pytest.mark.parametrize("op", [b"\x11", b"\x13", ABORTED])
    def test_where_nobody_reads_an_answer_none_is_given(
        self, client: FlaskClient, house: House, watched: Watched, log: Any, op: bytes
    ) -> None:
        self.asks(client)
        stored = dict(house.sessions.stored)
        log.truncate(0)
        answer = client.get(self.url(), **hop(op, b"\xff\xfe", session=b"\1\0", id="x"))
        assert (answer.status_code, answer.data) == (200, b"")
        assert "X-Kannel-Meta-Data" not in answer.headers
        assert house.sessions.stored == stored
        assert f'"ended": "operation {op[0]}"' in log.getvalue()

    def test_the_end_bit_alone_tells_that_somebody_left(
        self, client: FlaskClient, watched: Watched
    ) -> None:
        answer = client.get(self.url(), **hop(ANSWERED, "1", session=b"*\3"))
        assert (answer.status_code, answer.data) == (200, b"")
        assert watched.turns[-1].event == "close"

    def test_who_left_is_told_nothing_even_in_trouble(
        self, client: FlaskClient, watched: Watched
    ) -> None:
        watched.fails = RuntimeError("trouble")
        answer = client.get(self.url(), **hop(ABORTED, ""))
        assert (answer.status_code, answer.data) == (200, b"")

    @pytest.mark.parametrize(
        "parameters",
        [
            b"",
            b"?",
            b"smpp",
            b"?smpp?",
            b"?other?ussd_service_op=%01&its_session_info=*%00&",
            meta_data(its_session_info=b"*\0"),
            meta_data(ussd_service_op=b"", its_session_info=b"*\0"),
            meta_data(ussd_service_op=b"\1\1", its_session_info=b"*\0"),
            meta_data(ussd_service_op=b"\1"),
            meta_data(ussd_service_op=b"\1", its_session_info=b"*"),
            meta_data(ussd_service_op=b"\1", its_session_info=b"*\0\0"),
            b"?smpp?ussd_service_op=%0&its_session_info=%zz&",
            b"?smpp?ussd_service_op&its_session_info&",
            b"?smpp?&&=&=%FF&%FF=&",
            b"\xff?\xfe?\x00=\x00&",
        ],
    )
    def test_broken_parameters_are_refused(
        self, client: FlaskClient, watched: Watched, parameters: bytes
    ) -> None:
        asked = {"query_string": query_of(CODE, parameters)}
        self.refused(client.get(self.url(), **asked), 400, watched)

    def test_parameters_of_others_are_left_alone(self, client: FlaskClient) -> None:
        told = meta_data(ussd_service_op=b"\1", its_session_info=b"*\0", dest_network=b"7")
        coded = b"?first?a=b&" + told + b"?last?ussd_service_op=%81&"
        answer = client.get(self.url(), query_string=query_of(CODE, coded))
        assert self.shown(answer)[1]

    @pytest.mark.parametrize("counts", [True, False])
    def test_hops_belong_together_whether_or_not_they_are_counted(
        self, client: FlaskClient, watched: Watched, counts: bool
    ) -> None:
        """Without being told what the second octet is: a count, or the rest of a session number."""
        for unit, (op, text) in enumerate(((DIALLED, CODE), (ANSWERED, "9"), (ANSWERED, "00"))):
            session = bytes([42, unit << 1 if counts else 0x7E])
            answer = client.get(self.url(), **hop(op, text, session=session, id=f"k{unit}"))
        assert "9 Tieng Viet" in self.shown(answer)[0]
        assert {inbound.wire for inbound in watched.turns} == {"2a"}

    # What is read

    @pytest.mark.parametrize(
        ("text", "to", "said"),
        [
            ("*1022#", "1022", ()),
            ("*1022*2*1#", "1022", ("2", "1")),
            ("*1022*2*1", "1022", ("2", "1")),
            (" *1022*2# ", "1022", ("2",)),
            ("*1022**2*#", "1022", ("2",)),
            ("", "*1022*2#", ("2",)),
            ("1022", "*1022#", ()),
            ("", "1022", ()),
            ("*10221*2#", "1022", ()),
            ("*9*1022*2#", "1022", ()),
        ],
    )
    def test_what_was_dialled_is_read(
        self, client: FlaskClient, watched: Watched, text: str, to: str, said: tuple[str, ...]
    ) -> None:
        client.get(self.url(), **hop(DIALLED, text, to=to))
        assert (watched.turns[0].event, watched.turns[0].said) == ("new", said)

    @pytest.mark.parametrize("text", ["1", "", " 1 ", "*1022#", "Đặng & Thị + 😀", "a b+c%20&=*#"])
    def test_an_answer_is_read_as_typed(
        self, client: FlaskClient, watched: Watched, text: str
    ) -> None:
        client.get(self.url(), **hop(ANSWERED, text))
        assert (watched.turns[0].event, watched.turns[0].said) == ("resume", (text,))

    def test_an_answer_in_the_alphabet_of_ussd_itself_is_read(
        self, client: FlaskClient, watched: Watched
    ) -> None:
        """data_coding 15: Kannel tells no charset, and hands on the septets as they came."""
        asked = hop(ANSWERED, b"a\x1b(\x00\x1b)")["query_string"]
        client.get(
            self.url(), query_string=asked.replace("UTF-8", "").replace("coding=0", "coding=3")
        )
        assert watched.turns[0].said == ("a{@}",)

    @pytest.mark.parametrize("text", [b"\xff\xfe", b"\xc3"])
    def test_text_that_is_no_text_is_refused(
        self, client: FlaskClient, watched: Watched, text: bytes
    ) -> None:
        self.refused(client.get(self.url(), **hop(ANSWERED, text)), 400, watched)

    @pytest.mark.parametrize(
        ("number", "read"),
        [
            ("84912345678", "+84912345678"),
            ("+84912345678", "+84912345678"),
            ("0912345678", "+84912345678"),
            ("254711000111", "+254711000111"),
        ],
    )
    def test_numbers_are_read_with_and_without_their_plus(
        self, client: FlaskClient, watched: Watched, number: str, read: str
    ) -> None:
        client.get(self.url(), **hop(DIALLED, CODE, phone=number))
        assert watched.turns[0].address.value == read

    @pytest.mark.parametrize("number", ["", "abc", "+84", "113", "x" * 300, "+84912345678;x"])
    def test_what_is_no_number_is_refused(
        self, client: FlaskClient, watched: Watched, number: str
    ) -> None:
        self.refused(client.get(self.url(), **hop(DIALLED, CODE, phone=number)), 400, watched)

    def test_a_page_with_accents_is_marked_as_ucs2(self) -> None:
        answer = self.aggregator.write(Page("Tình trạng", trace={"session": "2a00"}))
        assert (answer.text, answer.headers["X-Kannel-Coding"]) == ("Tình trạng", "2")

    def test_its_pages_may_be_longer_than_others(self, watched: Watched, log: Any) -> None:
        """Each of these addresses speaks with its own voice, where it has one."""
        client = self.make_client(watched, voices={"kannel": UssdVoice(limit=60)})
        text, _ = self.shown(self.asks(client))
        assert len(text) <= 60


def read(dialect: Dialect, op: bytes, text: str = "1", **session: bytes) -> Any:
    asked = query_of(text, {"ussd_service_op": op, **session})
    return Kannel(service_code=CODE, dialect=dialect).read(Asked(query=asked.encode()))


def written(dialect: Dialect, inbound: Any, *, end: bool, text: str = "x") -> dict[str, bytes]:
    page = Page(text, end=end, trace=inbound.trace)
    return parameters_of(Kannel(service_code=CODE, dialect=dialect).write(page).headers)


def test_a_session_named_by_another_parameter_goes_back_in_it() -> None:
    mica = Dialect(session="user_message_reference", over=frozenset({0x17, 129}))
    heard = read(mica, ANSWERED, user_message_reference=b"65535", its_session_info=b"*\1")
    assert (heard.event, heard.said) == ("resume", ("1",))
    for end, op in ((False, b"2"), (True, b"17")):
        told = {"ussd_service_op": op, "user_message_reference": b"65535"}
        assert written(mica, heard, end=end) == told
    assert read(mica, b"\x17", user_message_reference=b"7").event == "close"
    for broken in (b"", b"7" * 65):
        with pytest.raises(Malformed, match="user_message_reference"):
            read(mica, ANSWERED, user_message_reference=broken)


def test_operations_are_the_makers_own() -> None:
    maker = Dialect(dialled=32, over=frozenset({33}), ask=34, end=35)
    assert read(maker, b"\x20", CODE, its_session_info=b"*\0").event == "new"
    assert read(maker, DIALLED, its_session_info=b"*\0").event == "resume"
    assert read(maker, ABORTED, its_session_info=b"*\0").event == "resume"
    heard = read(maker, b"\x22", its_session_info=b"*\0")
    assert written(maker, heard, end=False)["ussd_service_op"] == b"34"
    assert written(maker, heard, end=True)["ussd_service_op"] == b"35"
    assert read(maker, b"!", its_session_info=b"*\0").event == "close"


def test_without_an_end_bit_the_session_is_all_sixteen_bits() -> None:
    plain = Dialect(end_bit=False)
    heard = read(plain, ANSWERED, its_session_info=b"*\1")
    assert heard.event == "resume"
    assert written(plain, heard, end=True)["its_session_info"] == b"*\1"


def test_a_longer_session_number_is_no_count_of_hops() -> None:
    """Unless we are told that it counts, two answers with the same number are two answers."""
    first, second = (
        Kannel(service_code=CODE).read(
            Asked(
                query=query_of(
                    "1", {"ussd_service_op": ANSWERED, "its_session_info": b"*\6"}, id=id
                ).encode()
            )
        )
        for id in ("k1", "k2")
    )
    assert first.wire == second.wire
    assert first.hop != second.hop


def test_a_network_that_counts_its_hops_may_repeat_them() -> None:
    counting = Kannel(service_code=CODE, dialect=Dialect(numbered=True))

    def at(unit: int, id: str, op: bytes = ANSWERED) -> Any:
        told = {"ussd_service_op": op, "its_session_info": bytes([42, unit << 1])}
        return counting.read(Asked(query=query_of("1", told, id=id).encode()))

    assert {at(1, "k1").wire, at(2, "k2").wire, at(0, "k3", DIALLED).wire} == {"2a"}
    assert at(1, "k1").hop == at(1, "k2").hop
    assert at(1, "k1").hop != at(2, "k1").hop
    # The next call may begin with the number that this one began with.
    assert at(0, "k1", DIALLED).hop != at(0, "k2", DIALLED).hop


def test_the_alphabet_of_ussd_itself_can_be_asked_for() -> None:
    marked = Dialect(data_coding=15)
    heard = read(marked, DIALLED, CODE, its_session_info=b"*\0")
    assert written(marked, heard, end=False, text="Tinh trang")["data_coding"] == b"15"
    assert "data_coding" not in written(marked, heard, end=False, text="Tình trạng")


def test_the_configuration_that_operators_are_given_calls_us_with_all_that_we_read() -> None:
    address, _, query = GET_URL.partition("?")
    assert address == "{gateway}/ussd/kannel/{path_secret}"
    named = {part.partition("=")[0] for part in query.split("&")}
    assert named == {"from", "to", "text", "charset", "coding", "id", "meta"}
