"""The terminal's own dangers, met before the app starts: no terminal, a lost one, one that must be given
back.

Imports no Textual at module level: the command line asks `why_plain` before it decides to load the screen at
all."""

from __future__ import annotations

import codecs
import contextlib
import functools
import os
import signal
import subprocess
import sys
import termios
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

OSC52_LIMIT = 74_000
"""Bytes of text that terminals take through OSC 52; xterm's limit after base64 is 100,000."""
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


def guard() -> None:
    """Install the guards; call once, before the app runs.

    A lost terminal ends the process (an ignored SIGHUP would leave it spinning), and a legacy mouse report
    with a byte above 0x7f, as after a tmux re-attach, is a wrong character and not the end of the input
    thread."""
    from textual.drivers import linux_driver

    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    decoder = codecs.getincrementaldecoder
    linux_driver.getincrementaldecoder = lambda encoding: functools.partial(  # type: ignore[attr-defined]
        decoder(encoding), errors="replace"
    )


@contextlib.contextmanager
def restored() -> Iterator[None]:
    """Give the terminal back as it was, whatever happens within.

    Textual does so itself on every orderly way out; this is for the others: an exception on its way out, an
    exit."""
    fd = sys.stdin.fileno()
    try:
        before = termios.tcgetattr(fd)
    except (termios.error, OSError):
        before = None
    try:
        yield
    except BaseException:
        with contextlib.suppress(OSError, ValueError):
            os.write(sys.stderr.fileno(), _RESET.encode())
        raise
    finally:
        if before is not None:
            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(fd, termios.TCSADRAIN, before)


@dataclass(frozen=True, slots=True)
class Copied:
    """Where a copied text went."""

    routes: tuple[str, ...]
    """In words, for the operator."""
    osc52: bool
    """True where the app is still to send it through the terminal itself."""


def copy(text: str, environ: Mapping[str, str] = os.environ) -> Copied:
    """Hand `text` to the clipboard by the route that works here, and always to a file beside it.

    tmux drops OSC 52 from inside a pane unless it is told otherwise, so there it goes through tmux itself.
    May take half a second where tmux hangs: not for the thread that paints."""
    routes, osc52 = [], False
    if environ.get("TMUX") and _to_tmux(text):
        routes.append("tmux")
    elif len(text.encode()) <= OSC52_LIMIT:
        osc52 = True
        routes.append("terminal (OSC 52)")
    path = _to_file(text, environ)
    if path is not None:
        routes.append(str(path))
    return Copied(tuple(routes), osc52)


def _to_tmux(text: str) -> bool:
    try:
        done = subprocess.run(
            ["tmux", "load-buffer", "-w", "-"],  # noqa: S607 - the operator's own tmux
            input=text.encode(), timeout=0.5, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
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
