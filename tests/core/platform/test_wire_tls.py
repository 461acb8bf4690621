"""Under TLS a request ends by its deadline as well, and goes to nobody who cannot show who they are."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from core.clock import Deadline
from core.errors import Down, Late
from core.platform.wire import Wire

Serve = Callable[[Callable[[socket.socket], None]], str]


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 which nobody has signed, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([here]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


@pytest.fixture
def secure(papers: Path) -> Iterator[Serve]:
    """Serves every connection under TLS with a function of the test's own; gives the port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(papers)
    with ExitStack() as stack:

        def serve(answer: Callable[[socket.socket], None]) -> str:
            listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))

            def run() -> None:
                with suppress(OSError):
                    while True:
                        plain, _ = listener.accept()
                        threading.Thread(target=handle, args=(plain,), daemon=True).start()

            def handle(plain: socket.socket) -> None:
                with suppress(OSError), context.wrap_socket(plain, server_side=True) as shaken:
                    shaken.recv(65536)
                    answer(shaken)

            threading.Thread(target=run, daemon=True).start()
            return f"https://127.0.0.1:{listener.getsockname()[1]}/"

        yield serve


def get(url: str, seconds: float = 3.0, *, verify: str | bool = True) -> bytes:
    wire = Wire("fhir", size_limit=1000, verify=verify)
    try:
        raw = wire.send("GET", url, headers={}, content=None, deadline=Deadline.after(seconds))
        return raw.body
    finally:
        wire.close()


def well(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nwell")


def test_a_signature_that_we_were_told_to_trust_is_trusted(secure: Serve, papers: Path) -> None:
    assert get(secure(well), verify=str(papers)) == b"well"


def test_a_signature_that_nobody_knows_is_down(secure: Serve) -> None:
    with pytest.raises(Down):
        get(secure(well))


def test_another_name_than_the_one_on_the_paper_is_down(secure: Serve, papers: Path) -> None:
    with pytest.raises(Down):
        get(secure(well).replace("127.0.0.1", "localhost"), verify=str(papers))


def test_signatures_may_be_left_unread(secure: Serve) -> None:
    assert get(secure(well), verify=False) == b"well"


@pytest.mark.parametrize(
    "head", [b"HTTP/1.1 200 ", b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n"]
)
def test_a_drip_under_tls_is_late_when_the_deadline_passes(
    secure: Serve, papers: Path, head: bytes
) -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(head)
        for _ in range(150):
            connection.sendall(b"x")
            time.sleep(0.02)

    url = secure(drip)
    started = time.monotonic()
    with pytest.raises(Late):
        get(url, 0.4, verify=str(papers))
    assert time.monotonic() - started < 1.5


def test_hands_that_are_never_shaken_are_late() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        started = time.monotonic()
        with pytest.raises((Late, Down)):
            get(f"https://127.0.0.1:{silent.getsockname()[1]}/", 0.4)
        assert time.monotonic() - started < 1.5
