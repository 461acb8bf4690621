"""Tables as people save them: what can be read is read, and the rest is told in one line."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest

from core.campaigns.source import LONGEST_LINE, LONGEST_ROW, BadTable, Row, lines_of, read_csv

NAME = frozenset({"name"})
HEAD = "to,name\n"


def read(table: str | bytes, needed: frozenset[str] = NAME) -> list[Row]:
    """As a file is read: in lines, each with its end."""
    octets = table.encode() if isinstance(table, str) else table
    return list(read_csv(octets.splitlines(keepends=True), needed))


@pytest.mark.parametrize(
    "table",
    [
        "to,name\n0912345678,An\n",
        "\ufeffto,name\r\n0912345678,An\r\n",
        "SĐT;Họ tên\r\n+84 912 345 678;An\r\n",
        "number\tten\n84912345678\tAn",
        'to,name\n"0912345678","An"\n',
        "to,name\n912345678,An\n",
        "to,name,,\n0912345678,An,,\n,,,\n",
    ],
)
def test_one_table_in_many_forms(table: str) -> None:
    (row,) = read(table)
    assert (row.number, row.to, row.values, row.bad) == (2, "+84912345678", {"name": "An"}, "")


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("8.49E+10,An", "bad number: the spreadsheet has shortened it"),
        ('"8,49E+10",An', "bad number: the spreadsheet has shortened it"),
        ("84912e6,An", "bad number: the spreadsheet has shortened it"),
        ("abc,An", "bad number: "),
        (",An", "no number"),
        ("0912345678,=A2&B2", "name is a formula"),
        ('0912345678,"=HYPERLINK(""http://x"")"', "name is a formula"),
        ("0912345678,#REF!", "name is a formula, or its error"),
        ("0912345678,", "no name"),
        ("0912345678,An,more", "more cells than columns"),
        ("0912345678," + "A" * 301, "name is too long"),
        ("0912345678,A\x07n", "name holds signs that no phone shows"),
    ],
)
def test_a_bad_row_has_its_reason_and_spoils_no_other(cells: str, reason: str) -> None:
    bad, good = read(f"{HEAD}{cells}\n0912345679,Bình\n")
    assert bad.bad.startswith(reason)
    assert (bad.number, good.number, good.bad) == (2, 3, "")


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (f"{HEAD}0912345678,An\n".encode("utf-16"), "line 1 is not UTF-8 but UTF-16: save the"),
        (f"{HEAD}0912345678,An\n".encode("utf-16-le"), "line 1 holds a zero byte, this is no CSV"),
        (f"{HEAD}0912345678,\xe2n\n".encode("cp1258"), "line 2 is not UTF-8"),
        (f"{HEAD}0912\x005678,An\n".encode(), "line 2 holds a zero byte"),
        (f"{HEAD}0912345678,{'A' * 1_000_000}\n".encode(), "line 2 is longer than"),
        (
            f'{HEAD}0912345678,An\n0912345679,"Bình\n0912345670,Chi\n'.encode(),
            "the row that begins in line 3 is no CSV: look at its quotes",
        ),
        (
            f'{HEAD}0912345678,An\n0912345679,"Bình\n'.encode() + b"0912345670,Chi\n" * 20_000,
            "the row that begins in line 3 is no CSV",
        ),
        (f'{HEAD}0912345678,"A"n\n'.encode(), "the row that begins in line 2 is no CSV"),
        (bytes(1_000_000), "line 1 holds a zero byte, this is no CSV: save the table as CSV"),
        (b"", "the first line is empty: it must name the columns"),
        ("\ufeff\n".encode(), "the first line is empty: it must name the columns"),
        (b"0912345678,An\n", "the first line must name the columns"),
    ],
    ids=range(12),
)
def test_a_table_that_cannot_be_read_is_told_by_its_line(table: bytes, said: str) -> None:
    with pytest.raises(BadTable, match=said):
        read(table)


def test_a_cell_of_several_lines_is_one_row() -> None:
    first, second = read(f'{HEAD}0912345678,"Nguyễn\nAn"\n0912345679,Bình\n')
    assert (first.values, second.number) == ({"name": "Nguyễn An"}, 3)


class Read(BytesIO):
    """A file that knows how much of it was read."""

    def readline(self, size: int | None = -1, /) -> bytes:
        assert size == LONGEST_LINE + 1, "never a whole line, however long it is"
        return super().readline(size)


@pytest.mark.parametrize(
    ("before", "line"), [("", 1), (HEAD, 2), (f"{HEAD}0912345678,An\n0912345679,", 3)]
)
def test_of_an_endless_line_no_more_is_read_than_shows_it(before: str, line: int) -> None:
    file = Read(before.encode() + b"a" * 10_000_000)
    with pytest.raises(BadTable, match=f"line {line} is longer than 20000 bytes: save the table"):
        list(read_csv(lines_of(file), NAME))
    assert file.tell() <= len(before) + LONGEST_LINE + 1


def test_a_row_of_which_every_line_ends_in_a_quote_comes_to_an_end_too() -> None:
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        yield HEAD.encode()
        yield b'0912345678,"An\n'
        while True:
            taken += 1
            yield b'","An\n'

    with pytest.raises(BadTable, match="the row that begins in line 2 is no CSV"):
        list(read_csv(endless(), NAME))
    assert taken < LONGEST_ROW
