"""PostgreSQL addresses in the two spellings that programs want."""

from sqlalchemy.engine import make_url

DATABASE = "motcua"  # in the embedded server
SQLALCHEMY_DRIVER = "postgresql+psycopg"


def sqlalchemy_url(url: str) -> str:
    """The address as SQLAlchemy takes it, with psycopg as its driver.

    ``postgres://``, ``postgresql://`` and ``postgresql+psycopg://`` all mean the same thing here.
    """
    if not url:
        return url
    scheme, separator, rest = url.partition("://")
    if scheme in {"postgres", "postgresql"}:
        scheme = SQLALCHEMY_DRIVER
    return make_url(f"{scheme}{separator}{rest}").render_as_string(hide_password=False)


def libpq_url(url: str) -> str:
    """The address as psycopg, psql and other programs take it (``postgresql://``)."""
    return sqlalchemy_url(url).replace(f"{SQLALCHEMY_DRIVER}://", "postgresql://", 1)
