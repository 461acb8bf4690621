"""What every chat network must do when it calls us: a new one inherits this and says how it calls."""

from __future__ import annotations

import io
import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.app import LARGEST
from bot.network import Network
from bot.voice import ChatVoice
from core.message import Inbound
from tests.bot.conftest import Front
from tests.core.house import House
from tests.logged import written_log

Event = dict[str, Any]

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)

# Each subclass runs the same test on examples of its own, so none are kept for the next run.
generated = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
    max_examples=60,
    deadline=None,
    database=None,
)


class ChatContract(ABC):
    """Subclass it as `Test…`. `who` is the network's id of a person, as long as real ones are."""

    who: str
    words: Mapping[str, Any]
    """Fields of an event, with values worth trying, for generated nonsense."""

    @abstractmethod
    def network(self) -> Network:
        """The network as production makes it."""

    @abstractmethod
    def says(self, text: str, who: str | None = None) -> Event:
        """Somebody (`self.who` unless named) writes this."""

    @abstractmethod
    def headers(self, body: bytes) -> dict[str, str]:
        """What the network sends along, so that we know it."""

    @abstractmethod
    def forged(self, body: bytes) -> Iterator[dict[str, str]]:
        """What somebody else might try."""

    @abstractmethod
    def kinds(self) -> Iterator[tuple[Event, str]]:
        """One of every kind of event, with the word under which it is counted."""

    @abstractmethod
    def leaves(self) -> Event | None:
        """The person wants to hear nothing more; None where the network does not tell."""

    @abstractmethod
    def nameless(self) -> Iterator[Event]:
        """Events that lack what makes them one."""

    # The house

    @pytest.fixture
    def front(self) -> Front:
        return Front(self.network())

    @pytest.fixture
    def client(self, front: Front) -> FlaskClient:
        return front.app().test_client()

    @pytest.fixture
    def log(self) -> Iterator[io.StringIO]:
        with written_log() as written:
            yield written

    @property
    def path(self) -> str:
        return f"/bot/{self.network().name}/webhook"

    def post(self, client: FlaskClient, event: object, **headers: str) -> Any:
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        return client.post(self.path, data=body, headers={**self.headers(body), **headers})

    # What is said

    def test_what_is_said_is_stored_before_it_is_answered(
        self, client: FlaskClient, front: Front
    ) -> None:
        assert self.post(client, self.says("Tôi bị sốt")).status_code == 200
        (body,) = front.inbox.taken.values()
        inbound = Inbound.from_json(json.loads(json.dumps(body)))
        assert inbound.said == ("Tôi bị sốt",)
        assert inbound.address.network == self.network().name
        assert inbound.address.value == self.who
        assert front.inbox.order_keys == [f"{self.network().name}:{self.who}"]

    def test_a_repeat_changes_nothing(self, client: FlaskClient, front: Front) -> None:
        event = self.says("QR")
        for _again in range(3):
            assert self.post(client, event).status_code == 200
        assert len(front.inbox.taken) == 1

    def test_the_same_words_said_twice_are_two_messages(
        self, client: FlaskClient, front: Front
    ) -> None:
        for _again in range(2):
            self.post(client, self.says("QR"))
        assert len(front.inbox.taken) == 2

    def test_what_is_not_stored_is_to_be_brought_again(
        self, client: FlaskClient, front: Front
    ) -> None:
        front.inbox.broken = 1
        event = self.says("QR")
        refused = self.post(client, event)
        assert (refused.status_code, refused.data) == (503, b"later")
        assert 0 < int(refused.headers["Retry-After"]) <= 60
        assert self.post(client, event).status_code == 200
        assert len(front.inbox.taken) == 1

    def test_whoever_leaves_hears_nothing_more(self, client: FlaskClient, front: Front) -> None:
        event = self.leaves()
        if event is not None:
            assert self.post(client, event).status_code == 200
        assert [one.value for one in front.blocked] == ([self.who] if event else [])
        assert front.inbox.taken == {}

    # Proof

    def test_who_cannot_prove_it_is_refused_and_nothing_is_stored(
        self, client: FlaskClient, front: Front
    ) -> None:
        body = json.dumps(self.says("QR")).encode()
        for headers in self.forged(body):
            answer = client.post(self.path, data=body, headers=headers)
            assert (answer.status_code, answer.data) == (403, b"forbidden"), headers
        assert front.inbox.taken == {}

    # Every kind

    def test_every_kind_of_event_is_handled_or_left_alone_on_purpose(
        self, client: FlaskClient, log: io.StringIO
    ) -> None:
        for event, outcome in self.kinds():
            log.seek(0)
            log.truncate()
            assert self.post(client, event).status_code == 200, event
            said = [json.loads(line)["outcome"] for line in log.getvalue().splitlines()]
            assert said == [outcome], event

    # Bad input

    def test_an_event_without_a_name_is_refused(self, client: FlaskClient, front: Front) -> None:
        for event in self.nameless():
            assert self.post(client, event).status_code == 400, event
        assert front.inbox.taken == {}

    @pytest.mark.parametrize(
        ("body", "status"),
        [
            (b"{", 400),
            (b"", 400),
            (b"[]", 400),
            (b"null", 400),
            (b"7", 400),
            (b"[" * 200_000, 400),
            (b'{"message": "\xff\xfe"}', 400),
            (b'{"timestamp": ' + b"9" * 5000 + b"}", 400),
            (b'{"x": "' + b"a" * LARGEST + b'"}', 413),
        ],
        ids=lambda value: str(value[:12]) if isinstance(value, bytes) else None,
    )
    def test_what_cannot_be_read_gets_a_short_answer(
        self, client: FlaskClient, front: Front, body: bytes, status: int
    ) -> None:
        answer = client.post(self.path, data=body, headers=self.headers(body))
        assert answer.status_code == status
        assert len(answer.data) < 40
        assert front.inbox.taken == {}

    def test_only_post_is_answered(self, client: FlaskClient) -> None:
        assert client.get(self.path).status_code == 405

    @generated
    @given(data=st.data())
    def test_nothing_that_is_brought_makes_it_fail(
        self, client: FlaskClient, front: Front, data: st.DataObject
    ) -> None:
        """Whatever is brought is answered; what is stored can be read again, and be talked about."""
        event = data.draw(
            st.fixed_dictionaries(
                {}, optional={name: values | JSON for name, values in self.words.items()}
            )
            | st.dictionaries(st.text(), JSON, max_size=3)
        )
        front.inbox.taken.clear()
        body = json.dumps(event, ensure_ascii=data.draw(st.booleans()))
        answer = self.post(client, body.encode("utf-8", "surrogatepass"))
        assert answer.status_code in (200, 400)
        for stored in front.inbox.taken.values():
            kept = json.loads(json.dumps(stored, ensure_ascii=False).encode())
            inbound = Inbound.from_json(kept)
            assert inbound == Inbound.from_json(stored)
            House().engine.turn(inbound, ChatVoice())

    # The log

    def test_the_log_tells_that_something_came_and_from_nobody(
        self, client: FlaskClient, front: Front, log: io.StringIO
    ) -> None:
        front.inbox.broken = 1
        event = self.says("Số CCCD 079190012345, tôi bị sốt")
        for _again in range(2):
            self.post(client, event)
        lines = log.getvalue().splitlines()
        assert [json.loads(line)["event"] for line in lines] == [
            "chat_event_not_stored",
            "chat_event",
        ]
        for hidden in (self.who, "079190012345", "sốt", *self.headers(b"{}").values()):
            assert hidden == "application/json" or hidden not in log.getvalue()
