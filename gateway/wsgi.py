"""What a WSGI server imports: `gateway.wsgi:app`."""

from __future__ import annotations

from gateway import app as application
from gateway import counting, logs, memory, settings, wiring

_settings = settings.load()
logs.set_up(_settings)
counting.share(_settings.metrics_directory)
app = application.make(wiring.build(_settings))
memory.settle()
