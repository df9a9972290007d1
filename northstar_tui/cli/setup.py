"""`northstar init`."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from northstar_tui.cli.session import note
from northstar_tui.config import config_path
from northstar_tui.errors import NorthStarError


@click.command("init")
@click.argument("path", type=click.Path(path_type=Path), required=False)
def init_command(path: Path | None) -> None:
    """Write a commented config to PATH, or to the default place. Never overwrites one."""
    target = path or config_path()
    text = files("northstar_tui").joinpath("config.example.toml").read_text("utf-8")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise NorthStarError(f"{target} is there already", "edit it, or name another path") from None
    except OSError as error:
        raise NorthStarError(f"{target} cannot be written: {error.strerror}", "name another path") from error
    click.echo(str(target))
    note("every key in it is optional and explained; next: northstar import FILE")
