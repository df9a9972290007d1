"""Serve one fake by hand: ``python -m tests.fakes kalshi --port 8001 --fault 429``."""

from __future__ import annotations

import argparse
import shlex
import signal
import sys
import threading
from typing import cast

from tests.fakes import FAULTS, Fault, dovecot, fakes


def main() -> None:
    """Serve until interrupted; print what to put into the config and the environment."""
    if sys.argv[1:2] == ["mail"]:  # a real Dovecot, with options of its own
        dovecot.main(sys.argv[2:])
        return
    known = fakes()
    parser = argparse.ArgumentParser(prog="python -m tests.fakes", description="Serve an outside API on loopback.")
    parser.add_argument("name", choices=known, help="or: mail [--port PORT] [MAIL…], a real Dovecot")
    parser.add_argument("--port", type=int, default=0, help="Port; any free one by default.")
    parser.add_argument("--fault", choices=FAULTS, help="; ".join(f"{name}: {what}" for name, what in FAULTS.items()))
    parser.add_argument("--times", type=int, help="How many answers the fault hits; all by default.")
    given = parser.parse_args()
    fake = known[given.name]()
    fake.port = given.port
    fake.misbehave(cast(Fault | None, given.fault), given.times)
    stopped = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopped.set())
    with fake:
        for name, value in fake.secrets().items():
            print(f"export {name}={shlex.quote(value)}")
        print(fake.config(), flush=True)
        try:
            stopped.wait()
        except KeyboardInterrupt:
            return


if __name__ == "__main__":
    main()
