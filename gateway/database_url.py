"""PostgreSQL addresses in the two spellings that programs want."""

from core.store.database import DRIVER, sqlalchemy_url

DATABASE = "motcua"  # in the embedded server

__all__ = ["DATABASE", "libpq_url", "sqlalchemy_url"]


def libpq_url(url: str) -> str:
    """The address as psycopg, psql and other programs take it (``postgresql://``)."""
    return sqlalchemy_url(url).replace(f"{DRIVER}://", "postgresql://", 1)
