"""`python -m bench outbox-kill [messages]`: the proof that nothing is lost, with 10,000 messages."""

from __future__ import annotations

import os
import subprocess
import sys

MESSAGES = 10_000
PROOF = "tests/gateway/test_nothing_is_lost.py"


def main(arguments: list[str] | None = None) -> None:
    """Runs the tests that kill workers and servers, with more to lose than in every test run."""
    count = int(arguments[0]) if arguments else MESSAGES
    command = [sys.executable, "-m", "pytest", PROOF, "-q", "--durations=0"]
    done = subprocess.run(command, env={**os.environ, "LOST_AND_FOUND": str(count)}, check=False)
    if done.returncode:
        sys.exit(done.returncode)
