"""`python -m sandbox`: the reference platform on its own, with its address printed when it is ready."""

from __future__ import annotations

import signal
from threading import Thread
from types import FrameType

import click

from sandbox.server import address, listen
from sandbox.state import CLIENT_ID, CLIENT_SECRET, settle


@click.command(context_settings={"auto_envvar_prefix": "SANDBOX", "show_default": True})
@click.option("--people", default=10_000, type=click.IntRange(0, 100_000), help="How many people.")
@click.option("--seed", default=1, type=int, help="Same seed, same people.")
@click.option("--port", default=0, type=click.IntRange(0, 65_535), help="0: a free one.")
@click.option("--host", default="127.0.0.1", help="Address to listen at.")
@click.option("--client-id", default=CLIENT_ID, help="The one client that gets tokens.")
@click.option("--client-secret", default=CLIENT_SECRET, show_default=False, help="Its secret.")
@click.option(
    "--token-seconds", default=300, type=click.IntRange(1), help="How long a token holds."
)
def main(
    people: int,
    seed: int,
    port: int,
    host: str,
    client_id: str,
    client_secret: str,
    token_seconds: int,
) -> None:
    """A stand-in for the national platforms, with invented people.

    Every option can also be given in the environment, as SANDBOX_PEOPLE, SANDBOX_CLIENT_ID and so on.
    """
    sandbox = settle(
        people=people,
        seed=seed,
        client_id=client_id,
        client_secret=client_secret,
        token_seconds=token_seconds,
    )
    server = listen(sandbox, host=host, port=port)

    def stop(number: int, frame: FrameType | None) -> None:
        # shutdown() waits for serve_forever, which this signal has interrupted.
        Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    print(address(server), flush=True)
    server.serve_forever(poll_interval=0.1)


if __name__ == "__main__":
    main()
