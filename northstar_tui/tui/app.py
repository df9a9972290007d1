"""The Textual program around the cockpit: it turns keys into actions, worker's news into messages, lines into a screen.

Kept small on purpose. One widget, no focus, no timers but one a minute, and nothing sent that the terminal shows
already (`Frame`).
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence

from rich.color import ColorSystem
from rich.console import RenderableType
from rich.text import Text
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App, ComposeResult
from textual.filter import LineFilter
from textual.geometry import Offset
from textual.message import Message
from textual.screen import Screen
from textual.strip import Strip

from northstar_tui import debug
from northstar_tui.tui import terminal, theme
from northstar_tui.tui.bridge import News
from northstar_tui.tui.canvas import Canvas
from northstar_tui.tui.cockpit import Cockpit
from northstar_tui.tui.defects import Defect
from northstar_tui.tui.frame import Frame
from northstar_tui.tui.ground import Ground
from northstar_tui.tui.theme import Look

TICK = 60.0
"""Seconds between two looks at the clock."""
SCHEDULE = 0.3
"""Seconds after the start at which the schedule is loaded: the first paint comes first."""


ASKED = 5.0
"""Seconds within which a process is gone that was asked to end."""


class Arrived(Message):
    """The worker has news."""

    def __init__(self, news: News) -> None:
        super().__init__()
        self.news = news


class Grounded(Message):
    """The terminal has said whether it is light."""


class CockpitApp(App[None], inherit_bindings=False):
    """NorthStar's screen."""

    TITLE = "NorthStar"
    ENABLE_COMMAND_PALETTE = False
    ESCAPE_TO_MINIMIZE = False

    def __init__(self, cockpit: Cockpit, *, asks: bool = False) -> None:
        """Make the program; one that `asks` takes a light look or a dark one as the terminal's ground is."""
        super().__init__()
        self.cockpit = cockpit
        self.ground = Ground(self._told)
        self._asks, self._guess, self._leaving = asks, cockpit.look.name, False
        self._light: bool | None = None
        """What the terminal has said of its ground, until it is heeded."""
        self._frame = Frame()
        self._canvas = Canvas(self._paint, cockpit.look)

    def compose(self) -> ComposeResult:
        """Give the one widget; what the terminal is to say for the first frame is asked now."""
        if self._asks and self._driver is not None:
            self.ground.ask(self._driver.write)
        yield self._canvas

    def on_mount(self) -> None:
        """Begin to listen to the worker, and to look at the clock."""
        self.cockpit.host = self
        self._ground(self.cockpit.look)
        self.cockpit.bridge.listen(lambda news: self.post_message(Arrived(news)))
        self.set_interval(TICK, lambda: self.cockpit.attempt("The clock", self.cockpit.tick))
        self.later(SCHEDULE, self.cockpit.begin)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            asyncio.get_running_loop().add_signal_handler(number, self._end, number)
        self.app_resume_signal.subscribe(self, lambda _: self.redraw())

    def on_arrived(self, message: Arrived) -> None:
        """Take the worker's news."""
        self.cockpit.news(message.news)

    def on_grounded(self) -> None:
        """Show what the terminal's ground asks for, where no frame has done so."""
        if self._leaving:
            self.exit()
        elif self._heed():
            self.restyle(self.cockpit.look)

    def _told(self, light: bool) -> None:
        """Take what the terminal has said, in the thread that reads it: a first frame that is being made heeds it."""
        self._light = light
        self.post_message(Grounded())

    def _heed(self) -> bool:
        """Take the look for the terminal's ground, once; False where another look was chosen meanwhile, or is right."""
        light, self._light = self._light, None
        look, name = self.cockpit.look, "light" if light else "dark"
        if light is None or not look.name == self._guess != name:
            return False
        self.cockpit.look = theme.look(name, ascii_only=look.glyphs is theme.ASCII, colors=look.colors)
        return True

    def _paint(self, cells: int, rows: int) -> list[Strip]:
        if self._heed():
            self._canvas.look = self.cockpit.look
            self._ground(self.cockpit.look)
        return self.cockpit.paint(cells, rows)

    # -- what the operator does --------------------------------------------------------------------------------------

    def on_key(self, event: events.Key) -> None:
        """Take a key: text while something is being typed, an action otherwise. Textual's own bindings see none."""
        event.stop()
        event.prevent_default()
        if event.key == "ctrl+c" and self.cockpit.prompt is None:
            self.leave()
        elif self.cockpit.prompt is not None:
            key = "escape" if event.key == "ctrl+c" else event.key
            self.cockpit.hands.press(key, event.character if event.is_printable else None)
        else:
            self.cockpit.key(event.key)

    def on_paste(self, event: events.Paste) -> None:
        """Take pasted text."""
        self.cockpit.hands.paste(event.text)

    def on_click(self, event: events.Click) -> None:
        """Take a click."""
        self.cockpit.hands.click(event.screen_x, event.screen_y, event.button, event.chain)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Take the wheel."""
        event.stop()
        self.cockpit.hands.wheel(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Take the wheel."""
        event.stop()
        self.cockpit.hands.wheel(-1)

    # -- what the cockpit needs --------------------------------------------------------------------------------------

    def repaint(self) -> None:
        """Show what the cockpit paints now."""
        self._canvas.repaint()

    def redraw(self) -> None:
        """Send the whole screen again."""
        self._frame.forget()
        self._canvas.refresh()

    def restyle(self, look: Look) -> None:
        """Take another look."""
        self._ground(look)
        self._canvas.restyle(look)

    def send_clipboard(self, text: str) -> None:
        """Send `text` through the terminal (OSC 52)."""
        self._clipboard = text
        if self._driver is not None:
            self._driver.write(terminal.osc52(text))

    def suspend_program(self) -> None:
        """Stop until the shell brings the program back."""
        self.action_suspend_process()

    def leave(self) -> None:
        """End the program; right after its start, when the terminal has answered or will not."""
        wait, self._leaving = self.ground.wait, True
        if wait:
            self.set_timer(wait, self.exit)
        else:
            self.exit()

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call `call` once, in `seconds`."""
        self.set_timer(seconds, lambda: self.cockpit.attempt("What was due", call))

    def _end(self, number: signal.Signals) -> None:
        """End as a signal asks, the terminal given back, and soon: after a hang-up nobody is there to wait."""
        terminal.end_within(terminal.HUNG_UP if number == signal.SIGHUP else ASKED, 128 + number)
        self.exit(return_code=128 + number)

    def _fatal_error(self) -> None:
        """Say what ended the program, without the values that Textual's own traceback would print."""
        error = self._exception
        if error is not None:
            self.panic(Text(Defect.of("The program", error).report("-", self.cockpit.size, self.cockpit.look)))

    # -- what Textual needs ------------------------------------------------------------------------------------------

    def _handle_exception(self, error: Exception) -> None:
        """Note what ends the program; Textual then says it, once the terminal is given back."""
        debug.note("failed", why="screen", error=error)
        super()._handle_exception(error)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return none: every style is final, also where it has no colour at all."""
        return ()

    def _ground(self, look: Look) -> None:
        color = look.text.bgcolor
        self.screen.styles.background = "transparent" if color is None else color.get_truecolor().hex

    def on_resize(self) -> None:
        """Hold the terminal's content for unknown: resizing moved it about."""
        self._frame.forget()

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        """Send only what differs from what the terminal shows, and put its cursor where the selection is."""
        self.cursor_position = Offset(*self.cockpit.painter.caret)
        if isinstance(renderable, (LayoutUpdate, ChopsUpdate)) and self._sends:
            colors = self.console._color_system or ColorSystem.TRUECOLOR
            patch = self._frame.patch(renderable, (self.size.width, self.size.height), colors)
            super()._display(screen, patch)  # type: ignore[arg-type]
        else:
            super()._display(screen, renderable)

    @property
    def _sends(self) -> bool:
        """Whether what is displayed now really reaches a terminal."""
        return not self._batch_count and self._running and not self._closed and self._driver is not None
