"""The Textual program around the cockpit: it turns keys into actions, worker's news into messages, lines into a screen.

Kept small on purpose. One widget, no focus, no timers but one a minute, and nothing sent that the terminal shows
already (`Frame`).
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.color import ColorSystem
from rich.console import RenderableType
from textual import events
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.message import Message
from textual.screen import Screen

from northstar_tui.tui.actions import ACTIONS
from northstar_tui.tui.bridge import News
from northstar_tui.tui.canvas import Canvas
from northstar_tui.tui.cockpit import Cockpit
from northstar_tui.tui.frame import Frame
from northstar_tui.tui.theme import Look

TICK = 60.0
"""Seconds between two looks at the clock."""
SCHEDULE = 0.3
"""Seconds after the start at which the schedule is loaded: the first paint comes first."""


class Arrived(Message):
    """The worker has news."""

    def __init__(self, news: News) -> None:
        super().__init__()
        self.news = news


class CockpitApp(App[None]):
    """NorthStar's screen."""

    TITLE = "NorthStar"
    ENABLE_COMMAND_PALETTE = False
    ESCAPE_TO_MINIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, f"key('{key}')", show=False, priority=key == "tab")  # Textual's own tab moves the focus
        for key in sorted({key for action in ACTIONS for key in action.keys})
    ]

    def __init__(self, cockpit: Cockpit) -> None:
        super().__init__()
        self.cockpit = cockpit
        self._frame = Frame()
        self._canvas = Canvas(cockpit.paint, cockpit.look)

    def compose(self) -> ComposeResult:
        """Give the one widget."""
        yield self._canvas

    def on_mount(self) -> None:
        """Begin to listen to the worker, and to look at the clock."""
        self.cockpit.host = self
        self._ground(self.cockpit.look)
        self.cockpit.bridge.listen(lambda news: self.post_message(Arrived(news)))
        self.set_interval(TICK, self.cockpit.tick)
        self.set_timer(SCHEDULE, self.cockpit.syncing.begin)
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, self._end, number)
        self.app_resume_signal.subscribe(self, lambda _: self.redraw())

    def on_arrived(self, message: Arrived) -> None:
        """Take the worker's news."""
        self.cockpit.news(message.news)

    # -- what the operator does --------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002
        """Leave keys alone while something is being typed: they are text then."""
        return not (action == "key" and self.cockpit.prompt is not None)

    def action_key(self, key: str) -> None:
        """Carry out what a key does here."""
        self.cockpit.key(key)

    def action_help_quit(self) -> None:
        """Take ctrl+c: it ends what is being typed, or the program."""
        if self.cockpit.prompt is not None:
            self.cockpit.press("escape", None)
        else:
            self.exit()

    def on_key(self, event: events.Key) -> None:
        """Take a key that is text."""
        if self.cockpit.prompt is not None:
            event.stop()
            event.prevent_default()  # the bindings are Textual's default: this key was text
            self.cockpit.press(event.key, event.character if event.is_printable else None)

    def on_paste(self, event: events.Paste) -> None:
        """Take pasted text."""
        self.cockpit.paste(event.text)

    def on_click(self, event: events.Click) -> None:
        """Take a click."""
        self.cockpit.click(event.screen_y)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Take the wheel."""
        self._wheel(event, "down")

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Take the wheel."""
        self._wheel(event, "up")

    def _wheel(self, event: events.MouseEvent, action: str) -> None:
        event.stop()
        for _ in range(3):
            self.cockpit.front.move(action)
        self.repaint()

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
        self.copy_to_clipboard(text)

    def suspend_program(self) -> None:
        """Stop until the shell brings the program back."""
        self.action_suspend_process()

    def leave(self) -> None:
        """End the program."""
        self.exit()

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call `call` once, in `seconds`."""
        self.set_timer(seconds, call)

    def _end(self, number: signal.Signals) -> None:
        """End as a signal asks, but with the terminal given back."""
        self.exit(return_code=128 + number)

    # -- what Textual needs ------------------------------------------------------------------------------------------

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
        """Send only what differs from what the terminal shows."""
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
