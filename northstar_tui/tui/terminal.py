"""The terminal's own dangers, met before the app starts: no terminal, a lost one, one that must be given
back.

Imports no Textual at module level: the command line asks `why_plain` before it decides to load the screen at
all."""

from __future__ import annotations

import codecs
import contextlib
import os
import signal
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

OSC52_LIMIT = 74_000
"""Bytes of text that terminals take through OSC 52; xterm's limit after base64 is 100,000."""
_PIECE = 240
"""Characters that GNU screen hands on at once; it drops a longer string whole."""
_RESET = (
    "\x1b[?2026l\x1b[?1049l\x1b[?25h\x1b[?7h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l"
    "\x1b[?1004l\x1b[?2004l\x1b[?2048l\x1b[<u\x1b[0m\r\n"
)


def why_plain(environ: Mapping[str, str] = os.environ) -> str | None:
    """Return why no full screen can be shown here, or None where it can. A screen in a pipe would hang for
    ever."""
    for name, stream in (("input", sys.stdin), ("output", sys.stdout), ("error output", sys.stderr)):
        if stream is None or stream.closed or not stream.isatty():
            return f"the standard {name} is not a terminal"
    term = environ.get("TERM", "")
    return f"TERM={term or '(unset)'} cannot move a cursor" if term in ("", "dumb", "unknown") else None


def ascii_only(environ: Mapping[str, str] = os.environ) -> bool:
    """Say whether the terminal cannot be trusted with more than ASCII: its encoding, or the Linux console's
    font."""
    encoding = (getattr(sys.stderr, "encoding", None) or "ascii").lower().replace("-", "")
    return encoding != "utf8" or environ.get("TERM") == "linux"


def no_color(environ: Mapping[str, str] = os.environ) -> bool:
    """Say whether the operator wants no colour at all (https://no-color.org: set and not empty)."""
    return bool(environ.get("NO_COLOR"))


def no_motion(environ: Mapping[str, str] = os.environ) -> bool:
    """Say whether the operator wants no animations, as Textual's programs are told it."""
    return environ.get("TEXTUAL_ANIMATIONS", "").lower() == "none"


TMUX = 0.5
"""Seconds that tmux has for taking a text: a key waits for it."""
HUNG_UP = 0.7
"""Seconds after which a process is gone whose terminal is."""


def guard(taken: Callable[[str], str]) -> None:
    """Install the guards; call once, before the app runs. What is typed goes through `taken` before anything reads it.

    A lost terminal ends the process, whether the hang-up is told (SIGHUP, also where it was ignored: nohup) or only
    seen as the end of the input, which Textual would read for ever. A legacy mouse report with a byte above 0x7f, as
    after a tmux re-attach, is a wrong character and not the end of the input thread. A mouse's own back and forward
    buttons are no left clicks."""
    from textual._xterm_parser import XTermParser
    from textual.drivers import linux_driver
    from textual.events import MouseDown, MouseUp
    from textual.message import Message

    class Parser(XTermParser):
        def parse_mouse_code(self, code: str) -> Message | None:
            event = super().parse_mouse_code(code)
            sent = int(code.partition("<")[2].partition(";")[0] or 0)
            if sent & 128 and isinstance(event, (MouseDown, MouseUp)):  # xterm: 128 and on are buttons 8 and on
                event.button = 8 + (sent & 3)
            return event

    class Decoder(codecs.getincrementaldecoder("utf-8")):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__("replace")

        def decode(self, data: bytes, final: bool = False) -> str:
            if not data and not final:
                end_within(HUNG_UP, 128 + signal.SIGHUP)
                os.kill(os.getpid(), signal.SIGTERM)
                time.sleep(HUNG_UP)  # the input is at its end, and would say so for ever
            return taken(super().decode(data, final))

    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # until the app hears it
    linux_driver.getincrementaldecoder = lambda _: Decoder  # type: ignore[attr-defined, assignment]
    linux_driver.XTermParser = Parser  # type: ignore[attr-defined]


_before: list[object] = []
"""The terminal's own settings, while the app has others."""


def _give_back() -> None:
    """Leave the full screen, show the cursor, let the mouse be; never waits for a terminal that does not listen."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        os.set_blocking(sys.__stderr__.fileno(), False)  # type: ignore[union-attr]
        os.write(sys.__stderr__.fileno(), _RESET.encode())  # type: ignore[union-attr]
    _settings_back(termios.TCSANOW)


def _settings_back(when: int) -> None:
    if _before:
        with contextlib.suppress(termios.error, OSError, ValueError, AttributeError):
            termios.tcsetattr(sys.__stdin__.fileno(), when, _before)  # type: ignore[union-attr, arg-type]


def end_within(seconds: float, code: int) -> None:
    """End the process with `code` in so many seconds at the latest, whatever still runs; the terminal is given back."""

    def end() -> None:
        _give_back()
        os._exit(code)

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    timer.start()


@contextlib.contextmanager
def restored() -> Iterator[None]:
    """Give the terminal back as it was, whatever happens within.

    Textual does so itself on every orderly way out; this is for the others: an exception on its way out, an
    exit."""
    with contextlib.suppress(termios.error, OSError):
        _before[:] = termios.tcgetattr(sys.stdin.fileno())
    try:
        yield
    except BaseException:
        _give_back()
        raise
    finally:
        _settings_back(termios.TCSADRAIN)


class Copied(NamedTuple):
    """Where a copied text went."""

    routes: tuple[str, ...]
    """In words, for the operator."""
    osc52: bool
    """True where the app is still to send it through the terminal itself."""


def copy(text: str, environ: Mapping[str, str] = os.environ) -> Copied:
    """Hand `text` to the clipboard by the route that works here, and always to a file beside it.

    tmux drops OSC 52 from inside a pane unless it is told otherwise, so there it goes through tmux itself; a text
    that a terminal would cut or drop for its size goes to the file alone.
    May take half a second where tmux hangs: not for the thread that paints."""
    routes, osc52 = [], False
    if environ.get("TMUX") and _to_tmux(text):
        routes.append("tmux")
    elif len(text.encode()) <= OSC52_LIMIT:
        osc52 = True
        routes.append("terminal (OSC 52, through screen)" if environ.get("STY") else "terminal (OSC 52)")
    path = _to_file(text, environ)
    if path is not None:
        routes.append(str(path))
    return Copied(tuple(routes), osc52)


def osc52(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """Return what puts `text` on the terminal's clipboard. GNU screen hands on what is wrapped for it, in pieces."""
    from base64 import b64encode

    data = b64encode(text.encode()).decode()
    if not environ.get("STY"):
        return f"\x1b]52;c;{data}\x07"
    pieces = [data[at : at + _PIECE] for at in range(0, len(data), _PIECE)]
    return "\x1bP\x1b]52;c;" + "\x1b\\\x1bP".join(pieces) + "\x07\x1b\\"


def _to_tmux(text: str) -> bool:
    try:
        done = subprocess.run(
            ["tmux", "load-buffer", "-w", "-"],  # noqa: S607 - the operator's own tmux
            input=text.encode(), timeout=TMUX, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


def _to_file(text: str, environ: Mapping[str, str]) -> Path | None:
    """Write `text` to the copy file, readable by its owner only."""
    base = environ.get("XDG_RUNTIME_DIR") or environ.get("XDG_STATE_HOME")
    path = (Path(base) if base else Path.home() / ".local" / "state") / "northstar" / "clipboard.txt"
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}")
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        part.replace(path)
    except OSError:
        return None
    return path
