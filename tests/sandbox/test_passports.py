"""Vaccine passports: really signed, for whoever has all doses, and checked with the published key."""

from __future__ import annotations

import base64
import zlib
from datetime import UTC, datetime, timedelta
from typing import Any

import cwt
import pytest
from base45 import b45decode  # type: ignore[import-untyped]

from tests.sandbox.conftest import Visitor, ticket

TYPE = "urn:motcua:document|vaccine-passport"


def passport(visitor: Visitor, story: str) -> str:
    """The text of a person's passport."""
    (found,) = visitor.resources("DocumentReference", patient=f"p-{story}", type=TYPE)
    return base64.b64decode(found["content"][0]["attachment"]["data"]).decode()


def checked(visitor: Visitor, text: str) -> dict[Any, Any]:
    """The claims of a passport whose signature and times are good."""
    (jwk,) = visitor.http.get("/passport-keys").json()["keys"]
    signed = zlib.decompress(b45decode(text.removeprefix("HC1:")))
    claims = cwt.decode(signed, cwt.COSEKey.from_jwk(jwk))
    assert isinstance(claims, dict)
    return dict(claims)


def test_a_passport_says_who_had_which_dose(visitor: Visitor) -> None:
    text = passport(visitor, "family-mother")
    assert text.startswith("HC1:")
    claims = checked(visitor, text)
    assert (claims[1], claims[4] - claims[6]) == ("VN", 365 * 86400)
    said = claims[-260][1]
    assert said["nam"] == {
        "fn": "Nguyễn", "fnt": "NGUYEN", "gn": "Thị Hường", "gnt": "THI<HUONG",
    }  # fmt: skip
    assert (said["dob"], said["v"][0]["mp"], said["v"][0]["co"]) == (
        "1990-05-14", "EU/1/21/1529", "VN",
    )  # fmt: skip
    assert (said["v"][0]["dn"], said["v"][0]["sd"]) == (2, 2)
    issued = datetime.fromtimestamp(claims[6], UTC)
    assert (issued - datetime.fromisoformat(said["v"][0]["dt"] + "T00:00Z")) < timedelta(days=2)


def test_a_passport_stays_the_same_and_fits_a_qr(visitor: Visitor) -> None:
    texts = {passport(visitor, "long-name") for _ in range(3)}
    assert len(texts) == 1
    allowed = set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")
    (text,) = texts
    assert set(text) <= allowed
    assert len(text) < 900


def test_a_changed_passport_is_not_believed(visitor: Visitor) -> None:
    packed = b45decode(passport(visitor, "family-mother").removeprefix("HC1:"))
    forged = zlib.decompress(packed).replace(b"1990-05-14", b"1991-05-14")
    (jwk,) = visitor.http.get("/passport-keys").json()["keys"]
    with pytest.raises(cwt.VerifyError):
        cwt.decode(forged, cwt.COSEKey.from_jwk(jwk))


@pytest.mark.parametrize(
    "story", ["family-child", "family-baby", "dose-struck-out", "wrong-dose-missing"]
)
def test_without_all_doses_there_is_none(visitor: Visitor, story: str) -> None:
    assert visitor.resources("DocumentReference", patient=f"p-{story}", type=TYPE) == []


@pytest.mark.parametrize(
    ("story", "number", "of"),
    [("one-dose-vaccine", 1, 1), ("three-dose-series", 3, 3), ("many-doses", 5, 5)],
)
def test_every_series_is_counted_its_own_way(
    visitor: Visitor, story: str, number: int, of: int
) -> None:
    (dose,) = checked(visitor, passport(visitor, story))[-260][1]["v"]
    assert (dose["dn"], dose["sd"]) == (number, of)


def test_one_name_is_a_family_name(visitor: Visitor) -> None:
    assert checked(visitor, passport(visitor, "one-syllable"))[-260][1]["nam"] == {
        "fn": "Sari", "fnt": "SARI",
    }  # fmt: skip


def test_a_record_put_right_brings_a_passport(visitor: Visitor) -> None:
    person = visitor.person("wrong-dose-missing")
    visitor.write(ticket(person["patient"], "t1"))
    visitor.happen("ticket-moved", person["qid"], state="completed")
    claims = checked(visitor, passport(visitor, "wrong-dose-missing"))
    assert claims[-260][1]["v"][0]["dn"] == 2


def test_the_document_is_read_by_its_id_and_says_until_when(visitor: Visitor) -> None:
    (found,) = visitor.resources("DocumentReference", subject="Patient/p-family-mother")
    assert visitor.fhir(f"DocumentReference/{found['id']}") == found
    period = {name: datetime.fromisoformat(at) for name, at in found["context"]["period"].items()}
    assert period["end"] - period["start"] == timedelta(days=365)
    assert period["end"] > visitor.watch()
    assert visitor.resources("DocumentReference", patient="p-family-mother", type="urn:x|y") == []


def test_everybodys_passport_has_a_certificate_of_its_own(visitor: Visitor) -> None:
    found = visitor.resources("DocumentReference", _count="200")
    texts = [base64.b64decode(each["content"][0]["attachment"]["data"]).decode() for each in found]
    ids = {checked(visitor, text)[-260][1]["v"][0]["ci"] for text in texts}
    assert len(ids) == len(texts) > 40
