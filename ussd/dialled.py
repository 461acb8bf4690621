"""Reads what somebody dialled: the answers that stand between our service code and the #."""

from __future__ import annotations


def answers_in(dialled: str, service_code: str) -> tuple[str, ...]:
    """What was said with the code: `*1022*2*1#` says 2 and 1 to `*1022#`.

    Another code that leads to us says nothing, and some networks leave out the last #.
    """
    ours = service_code.removesuffix("#")
    code, star, said = dialled.strip().removesuffix("#").partition(f"{ours}*")
    return tuple(part for part in said.split("*") if part) if star and not code else ()
