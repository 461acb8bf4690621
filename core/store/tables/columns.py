"""The kinds of columns that our tables are made of."""

from __future__ import annotations

from sqlalchemy import (
    TIMESTAMP,
    BigInteger,
    CheckConstraint,
    Column,
    Identity,
    LargeBinary,
    MetaData,
)

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "fk": "%(table_name)s_%(column_0_name)s_fk",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)


def sealed(name: str, *, nullable: bool = False) -> Column[bytes]:
    """A value that only the vault can open."""
    return Column(name, LargeBinary, nullable=nullable, info={"hidden": "sealed"})


def blind(name: str, *, nullable: bool = False, key: bool = False) -> Column[bytes]:
    """A value that finds something again and tells nothing about it."""
    return Column(name, LargeBinary, nullable=nullable, primary_key=key, info={"hidden": "blind"})


def moment(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, TIMESTAMP(timezone=True), nullable=nullable)


def number(*, key: bool = True) -> Column[int]:
    return Column("id", BigInteger, Identity(), primary_key=key)


def one_of(name: str, values: tuple[str, ...]) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{name} IN ({listed})", name=name)
