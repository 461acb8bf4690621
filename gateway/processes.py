"""Starts a program so that it cannot outlive us, whatever ends us, and ends it in good order."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

PR_SET_PDEATHSIG = 1  # prctl(2)
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the process that started us ends. Does nothing off Linux."""
    if _LIBC is not None:
        _LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start_bound(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    output: IO[bytes],
    directory: Path | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in a group of its own, which ends when we end. Call it from the main thread.

    Its own group keeps Ctrl-C from reaching it before we have stopped things in order, and lets
    ``kill_group`` end whatever it started in turn.
    """
    parent = os.getpid()

    def before_it_runs() -> None:
        die_with_parent()
        if os.getppid() != parent:  # we were gone before the kernel was asked
            os._exit(1)

    return subprocess.Popen(
        list(command),
        env=dict(environment),
        cwd=directory,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=before_it_runs,
    )


def end(process: subprocess.Popen[bytes], *, seconds: float) -> None:
    """Ask it to end and wait until it has; whoever takes longer than these seconds is killed."""
    process.terminate()
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def kill_group(pid: int) -> None:
    """End at once every process left in the group that ``start_bound`` made for this one."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
