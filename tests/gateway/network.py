"""All the networks at once, for a gateway that really runs: they dial, text and write, and look.

What the gateway sends is carried by the simulator's stand-ins, and read back from its threads.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2
from redis import Redis

from core.clock import now
from web.simulator.requests import Lines, NetworkRequest, Networks, UssdCall
from web.simulator.threads import Threads

SERVICE_CODE = "*1022#"
SHORT_NUMBER = "1022"
TRY_AGAIN = "1 Thu lai"

Person = dict[str, Any]


def eventually(what: Callable[[], object], *, seconds: float = 20.0) -> None:
    """Waits until something is true."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "this never came true"
        time.sleep(0.05)


def paper_of(person: Person) -> str:
    return str(person["papers"][0]["number"])


def year_of(person: Person) -> str:
    return str(person["birthDate"])[:4]


class World:
    """A gateway by its `ready.json`, and everything around it."""

    def __init__(self, ready: Mapping[str, Any]) -> None:
        self.ready = ready
        self.web: str = ready["web"]
        self.sandbox: str = ready["sandbox"]
        self.http = httpx2.Client(timeout=30, trust_env=False)
        self.networks = Networks(
            Lines(
                SERVICE_CODE,
                ready["ussd"]["africastalking"],
                ready["sms"]["twilio"]["message"],
                ready["sms"]["twilio"]["auth_token"],
                ready["sms"]["kannel"]["message"],
                ready["telegram"]["webhook"],
                ready["telegram"]["secret"],
            ),
            now,
        )
        self.redis = Redis.from_url(ready["redis_url"])
        self._people: list[Person] = self.http.get(
            f"{self.sandbox}/people", params={"limit": 200}
        ).json()

    def close(self) -> None:
        self.http.close()
        self.redis.close()

    def person(self, story: str) -> Person:
        """The sandbox's person of this story."""
        return next(one for one in self._people if one["story"] == story)

    def send(self, request: NetworkRequest) -> httpx2.Response:
        """Delivers one request as a network would."""
        return self.http.request(
            request.method, request.url, headers=dict(request.headers), content=request.content
        )

    def received(self, phone: str) -> list[Any]:
        """The declarations that have arrived about the person of this phone."""
        asked = {"kind": "declaration", "phone": phone}
        found: list[Any] = self.http.get(f"{self.sandbox}/received", params=asked).json()
        return found

    def told(self, phone: str) -> list[str]:
        """Every text and chat message this phone was sent, in order."""
        _, events = Threads(self.redis).after(phone, "0-0")
        return [event["text"] for event in events if event.get("from") == "them"]

    def tells(self, phone: str, before: int = 0) -> str:
        """Waits for one more than `before` texts to this phone; gives the newest."""
        eventually(lambda: len(self.told(phone)) > before)
        return self.told(phone)[-1]

    def is_well(self, person: Person) -> None:
        """Waits until the gateway leaves neither platform alone any longer after a bad mood."""
        key = {"Authorization": f"Bearer {self.ready['keys']['officer']}"}
        asked = {"payload": person["payload"]}
        verify = f"{self.web}/api/v1/verify"
        eventually(
            lambda: self.http.post(verify, json=asked, headers=key).status_code == 200, seconds=30
        )

    @contextmanager
    def mood(self, name: str, *platforms: str, **more: float) -> Iterator[None]:
        """Both platforms, or these, are in a mood; well again afterwards."""
        wanted = platforms or ("fhir", "qrqg")
        for one in wanted:
            self.http.put(f"{self.sandbox}/moods/{one}", json={"mood": name, **more})
        try:
            yield
        finally:
            for one in wanted:
                self.http.put(f"{self.sandbox}/moods/{one}", json={"mood": "well"})


@dataclass
class Dialler:
    """A phone that dials; `shows` is what stands on its screen, `took` how long that took."""

    world: World
    number: str
    call: UssdCall = field(init=False)
    shows: str = ""
    took: float = 0.0

    def dials(self, deep: str = "") -> Dialler:
        code = SERVICE_CODE if not deep else f"{SERVICE_CODE[:-1]}*{deep}#"
        self.call = self.world.networks.dial(self.number, code)
        return self.hop()

    def menu(self) -> Dialler:
        """Dials, and leaves alone what was left unfinished, or asked meanwhile."""
        self.dials()
        if "hom nay thay the nao" in self.shows:
            return self.says("00")
        return self.picks("Menu") if "Lam tiep" in self.shows else self

    def picks(self, *labels: str) -> Dialler:
        """Types the number that stands before each of these words, turning pages as needed."""
        for label in labels:
            for _page in range(6):
                if found := re.search(rf"^(\d+) {re.escape(label)}", self.shows, re.MULTILINE):
                    self.says(found[1])
                    break
                assert "98 " in self.shows, f"{label!r} cannot be picked:\n{self.shows}"
                self.says("98")
        return self

    def says(self, *answers: str) -> Dialler:
        for answer in answers:
            self.call = self.call.then(answer)
            self.hop()
        return self

    def hop(self) -> Dialler:
        """Sends the hop that is due, or once more the one that was sent."""
        began = time.monotonic()
        answer = self.world.send(self.world.networks.ussd(self.call))
        self.took = time.monotonic() - began
        assert answer.status_code == 200, answer.text
        assert answer.text[:4] in ("CON ", "END "), answer.text
        self.shows = answer.text
        return self

    def knows(self, person: Person) -> Dialler:
        """Links the phone to this person, unless it is already."""
        self.menu().picks("Ma QR")
        if "1 Dong y" in self.shows:
            self.says("1", paper_of(person), year_of(person))
        # A platform that has just been in a bad mood is left alone for some seconds.
        eventually(lambda: TRY_AGAIN not in self.shows or TRY_AGAIN not in self.says("1").shows)
        return self.sees("Ma cua").says("00").sees("Mot Cua")

    def declares(self) -> Dialler:
        """Answers every question of the form with No, as far as the last one: send or not."""
        self.picks("Khai bao y te")
        for _question in range(20):
            if "1 Gui" in self.shows:
                return self
            self.says("98" if "98 " in self.shows else "1")
        raise AssertionError(self.shows)

    def sees(self, *words: str) -> Dialler:
        for word in words:
            assert word in self.shows, f"{word!r} is not on the screen:\n{self.shows}"
        return self
