"""What is new in a history that a network sends whole each time (wire facts: the reference table)."""

from __future__ import annotations

import pytest

from core.history import newly_said


@pytest.mark.parametrize(
    ("before", "now", "new"),
    [
        (None, "", ()),
        ("", "1", ("1",)),
        ("1", "1*2", ("2",)),
        ("1*2", "1*2", None),
        ("7*a*b", "7*a*b*****", ("****",)),
        ("7*a*b**", "7*a*b*****", ("**",)),
        (None, "2*1", ("2", "1")),
        ("1", "1*", ("",)),
        ("1*2*3", "1*2", None),
        ("1*2", "", None),
        ("1*2", "5", ("5",)),
    ],
)
def test_what_is_new(before: str | None, now: str, new: tuple[str, ...] | None) -> None:
    assert newly_said(before, now) == new
