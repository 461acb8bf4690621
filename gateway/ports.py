"""Ports on this machine: a free one, whether one is taken, and whether somebody answers there."""

import socket
from urllib.error import URLError
from urllib.request import ProxyHandler, build_opener

LOOPBACK = "127.0.0.1"
_DIRECT = build_opener(ProxyHandler({}))  # no proxy stands between us and ourselves


def free_port() -> int:
    """A TCP port on the loopback address that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int, *, host: str = LOOPBACK) -> bool:
    """Whether a server could listen on this port now."""
    with socket.socket() as probe:
        # As servers do it: connections of a server that has just ended are no hindrance.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen()
        except OSError:
            return False
    return True


def answers(url: str, *, seconds: float = 2.0) -> bool:
    """Whether the address answers 200 now."""
    try:
        with _DIRECT.open(url, timeout=seconds) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False
