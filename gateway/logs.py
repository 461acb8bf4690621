"""Structured logs: one line an event, through the one redactor; JSON in production."""

from __future__ import annotations

import logging
import sys
from typing import Final

import structlog

from core.privacy import redactor
from gateway.settings import Settings

_SHARED: Final[tuple[structlog.types.Processor, ...]] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso"),
    structlog.processors.format_exc_info,
    redactor,
)


def quiet() -> None:
    """Of a command's log only what is wrong: what there is to say it says itself.

    Whoever serves or works sets up more, later.
    """
    structlog.configure(
        processors=[*_SHARED, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())],
        wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
    )


def set_up(settings: Settings) -> None:
    """Sends structlog's and the libraries' lines to standard error, redacted."""
    level = getattr(logging, settings.log_level.upper())
    last: structlog.types.Processor = (
        structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
        if settings.in_development
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*_SHARED, last],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_SHARED,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
        )
    )
    # Libraries say what is wrong; what they do all day (URLs, tokens) is none of our log's business.
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
