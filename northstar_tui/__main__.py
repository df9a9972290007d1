"""`northstar` and `python -m northstar_tui`."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line. An operator's mistake is one line on stderr, never a traceback."""
    from northstar_tui.cli import cli
    from northstar_tui.debug import ending
    from northstar_tui.errors import NorthStarError

    try:
        with ending():
            cli.main(prog_name="northstar")
    except NorthStarError as error:
        sys.stderr.write(f"northstar: {error}\n")
        sys.exit(1)
    except BrokenPipeError:  # the reader of our output left; there is nobody to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()
