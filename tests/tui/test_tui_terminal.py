"""The guards, and the real program in a real pseudo-terminal."""

from __future__ import annotations

import fcntl
import os
import re
import signal
import struct
import subprocess
import sys
import termios
import time
from base64 import b64decode
from pathlib import Path

import pytest
from tui_driver import Terminal
from tui_session import SIZE, Session, session

from northstar_tui.tui import terminal


@pytest.fixture
def company(own: Path) -> Path:
    """The company's store: a program that ends writes what was seen into it."""
    return own


def test_from_all_time_to_the_source_line_and_back_in_a_real_terminal(company: Path) -> None:
    with session(company) as run:
        run.until("Last events")
        run.press("2", "Equity by day")
        run.press("\r", "Q1 2026")
        run.press("\r", "Mar 2026")
        run.press("\x1b[F\r", "W12 16–22 Mar")
        run.press("\r", "Wed 18 Mar 2026")
        run.press("\r", "High in NYC today")
        run.press("\r", "History")
        run.press("\r", "The source's own line: Kalshi-Transactions-2026.csv, line 900")
        for needle in ("History", "High in NYC today", "Wed 18 Mar 2026", "W12 16–22 Mar"):
            run.press("h", needle)
        os.write(run.fd, b"q")
        assert run.wait() == 0
        tail = run.sent[-400:]
        for mode in ("\x1b[?1049l", "\x1b[?25h", "\x1b[?1003l", "\x1b[?2004l"):
            assert mode in tail


def test_the_next_start_tells_what_changed_since_the_last_look(company: Path) -> None:
    with session(company) as run:
        run.until("Since the day began")
        os.write(run.fd, b"q")
        assert run.wait() == 0
    with session(company) as run:
        run.until("Since you last looked")
        assert "nothing has changed" in run.terminal.text


def test_bytes_on_the_wire_stay_within_budget(company: Path) -> None:
    with session(company) as run:
        run.until("Last events")
        run.rest()
        assert len(run.sent.encode()) <= 60_000
        assert len(run.answer("2").encode()) <= 35_000
        assert len(run.answer("j").encode()) <= 1_200
        assert len(run.answer("\r").encode()) <= 35_000
        assert run.pump(2.0) == "", "an idle screen sends nothing"


def test_no_color_means_no_colour_at_all(company: Path) -> None:
    with session(company, NO_COLOR="1") as run:
        run.until("Last events")
        run.press("2", "Equity by day")
        run.rest()
        assert run.terminal.seen <= {"", "0", "1", "2", "3", "4", "7", "22", "23", "24", "27"}, run.terminal.seen


@pytest.mark.parametrize("term", ["screen", "linux"])
def test_sixteen_colours_are_the_terminals_own_and_the_console_draws_in_ascii(company: Path, term: str) -> None:
    with session(company, COLORTERM="", TERM=term) as run:
        run.until("Last events")
        run.press("2", "Equity by")
        plain = {"", "0", "1", "2", "7", "22", "27", "39", "49"} | {str(code) for code in range(30, 38)}
        assert run.terminal.seen <= plain, run.terminal.seen - plain
        assert "32" in run.terminal.seen, "a gain is the terminal's own green"
        assert run.terminal.text.isascii() is (term == "linux")


def test_256_and_16_colours(company: Path) -> None:
    with session(company, COLORTERM="") as run:
        run.until("Last events")
        assert "38;5;" in run.sent and "38;2;" not in run.sent
    with session(company, COLORTERM="", TERM="xterm") as run:
        run.until("Last events")
        assert "38;5;" not in run.sent and "38;2;" not in run.sent


def test_a_legacy_mouse_report_is_survived(company: Path) -> None:
    with session(company) as run:
        run.until("Last events")
        os.write(run.fd, b"\x1b[M \xff\xfe\x80\xc3")
        run.rest()
        run.press("2", "Equity by day")


MODES = [(f"\x1b[?{mode}h", f"\x1b[?{mode}l") for mode in (1049, 1000, 1003, 1004, 2004)]
"""Full screen, mouse, focus reports, bracketed paste: how each is entered and left."""
MODES += [("\x1b[?25l", "\x1b[?25h"), ("\x1b[?7l", "\x1b[?7h"), ("\x1b[>25u", "\x1b[<u")]
"""Cursor hidden, lines cut, keys in another protocol."""


def given_back(sent: str) -> bool:
    """Whether every mode that was entered was left after that."""
    return all(sent.rfind(left) > sent.rfind(entered) >= 0 for entered, left in MODES)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_gives_the_terminal_back(company: Path, number: signal.Signals) -> None:
    with session(company) as run:
        before = termios.tcgetattr(run.fd)
        run.until("Last events")
        assert termios.tcgetattr(run.fd) != before, "it has its own settings meanwhile"
        os.kill(run.pid, number)
        assert run.wait() == 128 + number
        assert given_back(run.sent), run.sent[-400:]
        assert termios.tcgetattr(run.fd) == before


DEFECT = """
import sys
from northstar_tui.tui import app
secret = "sk-ant-admin01-secret"
def broken(self, *_):
    value = secret
    raise ZeroDivisionError("a defect")
app.CockpitApp.{method} = broken
sys.argv = ["northstar", "--store", {store!r}]
from northstar_tui.__main__ import main
main()
"""


@pytest.mark.parametrize("method", ["on_key", "on_resize", "on_click"])
def test_an_exception_in_the_program_gives_the_terminal_back_and_tells_no_value(company: Path, method: str) -> None:
    code = DEFECT.format(method=method, store=str(company))
    with session(company, command=[sys.executable, "-c", code]) as run:
        if method != "on_resize":
            run.until("Last events")
            os.write(run.fd, b"2" if method == "on_key" else b"\x1b[<0;5;5M\x1b[<0;5;5m")
        assert run.wait() == 1
        assert given_back(run.sent), run.sent[-400:]
        told = run.sent[run.sent.rindex("\x1b[?1049l") :]
        assert "The program broke" in told and "ZeroDivisionError: a defect" in told
        assert "sk-ant" not in run.sent


def test_suspended_and_back(company: Path) -> None:
    with session(company) as run:
        run.until("Last events")
        run.rest()
        before = run.terminal.text
        os.write(run.fd, b"\x1a")
        end = time.monotonic() + 60
        while not (stopped := os.waitpid(run.pid, os.WNOHANG | os.WUNTRACED))[0]:
            assert time.monotonic() < end, "it does not stop"
            run.pump(0.02)
        assert os.WIFSTOPPED(stopped[1])
        run.rest()
        assert given_back(run.sent), run.sent[-400:]
        run.terminal = Terminal(*SIZE)
        os.kill(run.pid, signal.SIGCONT)
        run.until("Last events")
        run.rest()
        assert run.terminal.text == before
        assert not given_back(run.sent)
        run.press("2", "Equity by")
        os.write(run.fd, b"q")
        assert run.wait() == 0 and given_back(run.sent)


@pytest.mark.parametrize("ignored", [False, True], ids=["heard", "ignored"])
def test_a_lost_terminal_ends_the_process(company: Path, ignored: bool) -> None:
    assert terminal.HUNG_UP < 1, "within a second of hearing of it"
    command = [sys.executable, "-m", "northstar_tui", "--store", str(company)]
    with session(
        company, command=["sh", "-c", 'trap "" HUP; exec "$@"', "sh", *command] if ignored else command
    ) as run:
        run.until("Last events")
        os.close(run.fd)
        run.fd = os.open(os.devnull, os.O_RDWR)
        assert run.wait() in (128 + signal.SIGHUP, -signal.SIGHUP)


def test_the_end_of_the_input_alone_ends_the_process(company: Path) -> None:
    """Where no SIGHUP comes: it is blocked, as some that start programs leave it."""
    code = (
        "import signal, sys; signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGHUP});"
        f"sys.argv = ['northstar', '--store', {str(company)!r}];"
        "from northstar_tui.__main__ import main; main()"
    )
    with session(company, command=[sys.executable, "-c", code]) as run:
        run.until("Last events")
        os.close(run.fd)
        run.fd = os.open(os.devnull, os.O_RDWR)
        run.wait()


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (30, 5)])
def test_other_sizes_start(company: Path, size: tuple[int, int]) -> None:
    with session(company, size=size) as run:
        run.until("This month" if size[0] > 40 else "too small")
        os.write(run.fd, b"q")
        assert run.wait() == 0


def test_resizing_repaints_in_full(company: Path) -> None:
    with session(company) as run:
        run.until("Last events")
        run.terminal = Terminal(80, 24)
        fcntl.ioctl(run.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        os.kill(run.pid, signal.SIGWINCH)
        run.until("By category")
        assert "NorthStar" in run.terminal.text and "q Quit" in run.terminal.text


@pytest.mark.parametrize("how", ["pipe", "dumb"])
def test_without_a_terminal_it_prints_and_ends(company: Path, how: str) -> None:
    env = {**os.environ, "TERM": "dumb" if how == "dumb" else "xterm"}
    command = [sys.executable, "-m", "northstar_tui", "--store", str(company)]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=60, env=env, check=False, stdin=subprocess.DEVNULL
    )
    assert done.returncode == 0 and "\x1b" not in done.stdout
    assert re.search(r"-?\$61\.94", done.stdout)


# -- the pure parts ----------------------------------------------------------------------------------------------------


def test_the_package_and_its_guards_load_no_textual() -> None:
    code = "import sys, northstar_tui.tui.terminal; print('textual' in sys.modules, 'rich' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.split() == ["False", "False"]


def test_run_refuses_where_no_screen_can_be_shown(company: Path) -> None:
    from northstar_tui.config import Settings
    from northstar_tui.errors import NorthStarError
    from northstar_tui.tui import run

    with pytest.raises(NorthStarError, match="no screen can be shown"):
        run(company, Settings())


def test_why_plain_names_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stream:
        closed = False

        def __init__(self, tty: bool) -> None:
            self.tty = tty

        def isatty(self) -> bool:
            return self.tty

    for name in ("stdin", "stdout", "stderr"):
        monkeypatch.setattr(sys, name, Stream(True))
    assert terminal.why_plain({"TERM": "xterm"}) is None
    assert "TERM=dumb" in str(terminal.why_plain({"TERM": "dumb"}))
    assert "(unset)" in str(terminal.why_plain({}))
    monkeypatch.setattr(sys, "stdin", Stream(False))
    assert "standard input" in str(terminal.why_plain({"TERM": "xterm"}))


def test_copying_falls_back_to_the_file_and_says_so(tmp_path: Path) -> None:
    copied = terminal.copy("12.34", {"XDG_RUNTIME_DIR": str(tmp_path)})
    assert copied.osc52 and (tmp_path / "northstar" / "clipboard.txt").read_text() == "12.34"
    large = terminal.copy("x" * 200_000, {"XDG_STATE_HOME": str(tmp_path)})
    assert not large.osc52 and large.routes == (str(tmp_path / "northstar" / "clipboard.txt"),)
    (tmp_path / "file").write_text("in the way")
    assert terminal.copy("y" * 200_000, {"XDG_STATE_HOME": str(tmp_path / "file")}).routes == ()


def test_tmux_takes_the_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "tmux"
    fake.write_text(f'#!/bin/sh\n[ "$1 $2 $3" = "load-buffer -w -" ] && cat > {tmp_path}/buffer\n')
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(terminal, "TMUX", 60)
    copied = terminal.copy("9.95", {"TMUX": "x", "XDG_RUNTIME_DIR": str(tmp_path)})
    assert copied.routes[0] == "tmux" and not copied.osc52 and (tmp_path / "buffer").read_text() == "9.95"
    fake.write_text("#!/bin/sh\nexec sleep 600\n")
    monkeypatch.setattr(terminal, "TMUX", 0.5)
    start = time.monotonic()
    assert terminal.copy("9.95", {"TMUX": "x", "XDG_RUNTIME_DIR": str(tmp_path)}).osc52
    assert time.monotonic() - start < 60, "a tmux that hangs does not hang us"


def test_no_color_and_ascii_are_read_from_the_environment() -> None:
    assert terminal.no_color({"NO_COLOR": "1"}) and not terminal.no_color({"NO_COLOR": ""})
    assert terminal.ascii_only({"TERM": "linux"})


def test_osc52_is_wrapped_for_screen_in_pieces_it_hands_on(tmp_path: Path) -> None:
    text = "9.95 " * 400
    plain = terminal.osc52(text, {})
    assert plain.startswith("\x1b]52;c;") and plain.endswith("\x07")
    assert b64decode(plain[7:-1]).decode() == text
    wrapped = terminal.osc52(text, {"STY": "1.pts"})
    pieces = re.findall("\x1bP(.*?)\x1b\\\\", wrapped, re.DOTALL)
    assert "".join(pieces) == plain and all(len(piece) < 256 for piece in pieces)
    assert (
        terminal.copy("x", {"STY": "1.pts", "XDG_STATE_HOME": str(tmp_path)}).routes[0]
        == "terminal (OSC 52, through screen)"
    )


def test_the_terminals_cursor_is_where_the_selection_is(company: Path) -> None:
    """Braille displays, magnifiers and screen readers follow the terminal's own cursor, hidden or not."""

    def under(run: Session) -> str:
        row = run.terminal.cells[run.terminal.y]
        return "".join(char for char, _ in row[run.terminal.x :]).strip()

    with session(company) as run:
        run.until("Last events")
        run.rest()
        assert under(run).startswith("▸ Today")
        run.answer("j")
        assert under(run).startswith("▸ This week")
        run.press("2", "Equity by")
        run.rest()
        assert under(run).startswith("▸ 2026")
        run.press(":the", "Theme")
        run.rest()
        assert run.terminal.y == SIZE[1] - 1 and run.terminal.x == len(": the")
