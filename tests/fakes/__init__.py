"""Local servers that speak the outside APIs, for tests and for hands: ``python -m tests.fakes NAME``.

One module per API, named as its source's kind with ``-`` as ``_``, with one `Fake` in it.
"""

from __future__ import annotations

import importlib
import pkgutil

from tests.fakes.server import CONTENT, FAULTS, Fake, Fault, Layout, Request, Response

__all__ = ["CONTENT", "FAULTS", "Fake", "Fault", "Layout", "Request", "Response", "fakes"]


def fakes() -> dict[str, type[Fake]]:
    """Return every fake here by its source's kind."""
    found = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name in ("server", "__main__"):
            continue
        loaded = importlib.import_module(f"{__name__}.{module.name}")
        for value in vars(loaded).values():
            if isinstance(value, type) and issubclass(value, Fake) and value.__module__ == loaded.__name__:
                found[value.name] = value
    return dict(sorted(found.items()))
