"""What nobody should send: bytes, forms, JSON without bottom, and real calls with something changed."""

from __future__ import annotations

import gzip
import json
from typing import Any
from urllib.parse import urlencode

from hypothesis import strategies as st

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"

KINDS = st.sampled_from(
    [FORM, JSON, "", "text/plain", "multipart/form-data; boundary=x", "a/b;;=é"]
)

WORDS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["+84912345678", "8888", "0", "-1", "1e999", "%00", "\x00", "\ud800", "é" * 20]
    ),
    st.sampled_from(["Success", "delivered", "sms", "report", "5", "results", "QR", "9" * 5000]),
)
NAMES = st.sampled_from(
    "id from to text status Body From To MessageSid MessageStatus messageId results type content "
    "phone tranId RequestId SendStatus SendFailed SendSuccess charset coding date groupName".split()
)

VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | WORDS, inner, max_size=5),
    max_leaves=12,
)


def _as_json(value: Any) -> bytes:
    return json.dumps(value).encode("utf-8", "surrogatepass")


def _as_form(fields: list[tuple[str, str]]) -> bytes:
    coded = [
        (name.encode("utf-8", "surrogatepass"), one.encode("utf-8", "surrogatepass"))
        for name, one in fields
    ]
    return urlencode(coded).encode()


BODIES = st.one_of(
    st.binary(max_size=200),
    VALUES.map(_as_json),
    st.lists(st.tuples(NAMES, WORDS), max_size=8).map(_as_form),
)
"""Bodies, and queries too."""

BOMBS: tuple[bytes, ...] = (
    b"x" * 1_000_000,
    b'{"results": [' + b"{}," * 300_000 + b"{}]}",
    b"[" * 15_000,
    b'{"a":' * 3_000,
    b'{"results":[' + b"[" * 900 + b"]" * 900 + b"]}",
    b'{"results":[' + b"[" * 990 + b"]" * 990 + b"]}",
    b'{"type":"sms","content":' + b"[" * 980 + b"]" * 980 + b"}",
    b'{"tranId":' + b"9" * 4_200 + b"}",
    b'{"status":1e400}',
    b'{"type":NaN}',
    b"\xff\xfe{\x00}\x00",
    b"\xef\xbb\xbf{}",
    gzip.compress(b"[" * 1_000_000),
    b"&".join([b"a=1"] * 5_000),
    b"%" * 16_000,
    b"\x00" * 1_000,
)
"""Too large, too deep, too many, and not what they say they are."""


@st.composite
def changed(draw: st.DrawFn, whole: bytes) -> bytes:
    """The same with up to five bytes put in, taken out, or put in the place of others."""
    spoilt = bytearray(whole)
    for _ in range(draw(st.integers(1, 5))):
        place = draw(st.integers(0, len(spoilt)))
        match draw(st.sampled_from(["in", "out", "instead"])):
            case "in":
                spoilt[place:place] = draw(st.binary(min_size=1, max_size=3))
            case "out":
                del spoilt[place : place + draw(st.integers(1, 20))]
            case "instead":
                spoilt[place : place + 1] = draw(st.sampled_from([b"%", b'"', b"\xff", b"}", b"&"]))
    return bytes(spoilt)
