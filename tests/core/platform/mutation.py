"""Good resources spoilt at random: a value replaced by any JSON at all, a field gone or doubled."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

odd_text = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["", " ", "\ud800", "..", "2026-13-45", "0000-00-00", "9999-12-31T23:59:59+14:00",
         "0001-01-01T00:00:00-14:00", "2026-11-23T25:00:00Z", "Patient/", "|", "http://[", "vi"]
    ),
)  # fmt: skip

any_json = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        odd_text,
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value within, from the outside in."""
    keys = (
        range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ()
    )
    return [(*path, key) for key in keys] + [
        place for key in keys for place in places(value[key], (*path, key))
    ]


@st.composite
def spoilt(draw: st.DrawFn, good: Any, most: int = 4) -> Any:
    """`good` with one to `most` things wrong with it."""
    made = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, most))):
        found = places(made)
        if not found:
            return made
        *way, last = draw(st.sampled_from(found))
        holder = made
        for step in way:
            holder = holder[step]
        match draw(st.sampled_from(["replace", "remove", "double"])):
            case "replace":
                holder[last] = draw(any_json)
            case "remove":
                del holder[last]
            case _ if isinstance(holder, list):
                holder.append(copy.deepcopy(holder[last]))
            case _:
                holder[last] = [copy.deepcopy(holder[last])]
    return made
