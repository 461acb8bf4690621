"""Lock files: whoever holds one is alive, for the kernel lets go of it when they end."""

import fcntl
from pathlib import Path


def is_held(lock: Path) -> bool:
    """Whether a process holds it. One that is not there, or not ours to open, is nobody's."""
    try:
        with lock.open() as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
