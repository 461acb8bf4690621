"""What every sender must do, told once: over real sockets, to a stand-in that keeps the other's rules."""

from __future__ import annotations

import socket
from abc import ABC, abstractmethod
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from pytest_httpserver import HTTPServer
from structlog.testing import capture_logs
from werkzeug import Request, Response

from core.errors import SendError, SendLater, SendNever
from core.message import Address, Channel, Page
from core.outbox.outgoing import Outgoing, Purpose
from core.outbox.ports import Sender
from tests.fakes import PHONE

PASSWORD = "pass-word-of-the-account"
MOST_TRIES = 20


def outgoing(text: str, phone: str = PHONE) -> Outgoing:
    return Outgoing("key-1", Address("phone", phone), Channel.SMS, Page(text), Purpose.RESULT)


class SenderContract(ABC):
    """Subclass it as `Test…`: how to make the sender, and what the other side answers when."""

    path: str

    @abstractmethod
    def sender(self, base: str) -> Sender:
        """A sender whose other side is at this address."""

    @abstractmethod
    def stand_in(self, request: Request) -> Response:
        """The other side: checks that the request keeps its rules, and takes the message."""

    their_ref = ""
    """The stand-in's own id of a message, where receipts name nothing else: what we must keep."""

    refusals: tuple[tuple[int, str, type[SendError]], ...]
    """Status and body of refusals, and what becomes of the message."""

    alarms: tuple[tuple[int, str], ...]
    """Refusals about which an operator is told."""

    @pytest.fixture
    def taken(self) -> list[Request]:
        return []

    @pytest.fixture
    def other(self, httpserver: HTTPServer, taken: list[Request]) -> HTTPServer:
        def answer(request: Request) -> Response:
            request.get_data()
            taken.append(request)
            return self.stand_in(request)

        httpserver.expect_request(self.path).respond_with_handler(answer)
        return httpserver

    @pytest.fixture(autouse=True)
    def _nothing_secret_in_the_log(self) -> Iterator[None]:
        with capture_logs() as lines:
            yield
        assert not any(hidden in str(lines) for hidden in (PASSWORD, PHONE, PHONE[1:], "Ket qua"))

    def answering(self, server: HTTPServer, status: int, body: str, **headers: str) -> Sender:
        server.expect_request(self.path).respond_with_data(
            body, status=status, headers={name.replace("_", "-"): v for name, v in headers.items()}
        )
        return self.sender(server.url_for(""))

    def test_it_carries_sms(self) -> None:
        assert ("phone", Channel.SMS) in self.sender("http://127.0.0.1:9").serves

    @pytest.mark.parametrize(
        "text",
        ["Ket qua: am tinh", "Kết quả: âm tính 😀", "a & b=c + 100% {x}", "à è\nò", "x" * 480],
    )
    def test_what_is_sent_arrives_as_it_was(
        self, other: HTTPServer, taken: list[Request], text: str
    ) -> None:
        message = outgoing(text)
        sent = self.sender(other.url_for("")).send(message)
        assert sent.provider_ref
        assert sent.segments
        assert self.arrived(taken[0]) == (PHONE, text)
        if self.their_ref:
            assert sent.provider_ref == self.their_ref
        else:
            assert message.id in self.report_address(taken[0])

    @abstractmethod
    def arrived(self, request: Request) -> tuple[str, str]:
        """The number and the text, as the other side understands them."""

    def report_address(self, request: Request) -> str:
        """Where the other side is to send receipts, and by which id of ours it names the message."""
        raise AssertionError("say where, or give `their_ref`")

    def test_an_empty_text_is_never_sent(self, other: HTTPServer, taken: list[Request]) -> None:
        with pytest.raises(SendNever):
            self.sender(other.url_for("")).send(outgoing(""))
        assert taken == []

    def test_every_refusal_is_decided(self, httpserver: HTTPServer) -> None:
        for status, body, expected in self.refusals:
            httpserver.clear()
            with pytest.raises(SendError) as caught:
                self.answering(httpserver, status, body).send(outgoing("Ket qua"))
            assert type(caught.value) is expected, (status, body, caught.value.words)
            assert caught.value.__cause__ is None
            for hidden in (PHONE, PHONE[1:], PASSWORD, "Ket qua"):
                assert hidden not in caught.value.words

    def test_an_operator_is_told_of_what_is_our_own_fault(self, httpserver: HTTPServer) -> None:
        for status, body in self.alarms:
            httpserver.clear()
            with capture_logs() as lines, pytest.raises(SendLater) as caught:
                self.answering(httpserver, status, body).send(outgoing("Ket qua"))
            assert [line["event"] for line in lines] == ["sms_alarm"], (status, body)
            assert lines[0]["log_level"] == "error"
            assert caught.value.after is not None

    def test_two_threads_may_send_at_once(self, other: HTTPServer, taken: list[Request]) -> None:
        sender = self.sender(other.url_for(""))
        texts = [f"Ket qua so {number}" for number in range(8)]
        with ThreadPoolExecutor(4) as pool:
            sent = list(pool.map(lambda text: sender.send(outgoing(text)), texts))
        assert all(one.provider_ref for one in sent)
        assert sorted(self.arrived(request)[1] for request in taken) == texts

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_trouble_there_is_tried_again(self, httpserver: HTTPServer, status: int) -> None:
        with pytest.raises(SendLater):
            self.answering(httpserver, status, "<html>oops</html>").send(outgoing("Ket qua"))

    def test_nobody_there_is_tried_again(self) -> None:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            base = f"http://127.0.0.1:{unused.getsockname()[1]}"
            with pytest.raises(SendLater):
                self.sender(base).send(outgoing("Ket qua"))

    def test_an_answer_that_does_not_come_is_tried_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        self.impatient(monkeypatch)
        with socket.socket() as mute:
            mute.bind(("127.0.0.1", 0))
            mute.listen()
            sender = self.sender(f"http://127.0.0.1:{mute.getsockname()[1]}")
            for _try in range(MOST_TRIES):
                with pytest.raises(SendLater) as caught:
                    sender.send(outgoing("Ket qua"))
                if caught.value.words != "unreached":
                    break  # else the machine is so busy that it took too long to connect
        assert (caught.value.words, caught.value.unsure) == ("late", True)

    @abstractmethod
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Makes the sender wait a fifth of a second instead of its usual time."""
