"""The log as it is written: redacted, in one line of JSON each."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from core.privacy import redactor


@contextmanager
def written_log(*loggers: Any) -> Iterator[io.StringIO]:
    """What is logged within; `loggers` are those that may have been used before.

    A process that was set up in this one before has its loggers kept: they write elsewhere.
    """
    for one in loggers:
        vars(one).pop("bind", None)
    written = io.StringIO()
    before = structlog.get_config()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.format_exc_info,
            redactor,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(written),
        cache_logger_on_first_use=False,
    )
    yield written
    structlog.configure(**before)
