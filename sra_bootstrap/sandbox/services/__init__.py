"""The services of the sandbox. Importing one registers what it answers."""

from __future__ import annotations

import importlib
import pkgutil


def load() -> None:
    """Import every service, once."""
    for module in pkgutil.iter_modules(__path__, f"{__name__}."):
        importlib.import_module(module.name)
