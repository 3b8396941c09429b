"""Packages that load a module of theirs when a name of it is first asked for (PEP 562)."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from typing import Any

__all__ = ["names_on_demand"]


def names_on_demand(
    package: dict[str, Any], *modules: str
) -> tuple[Callable[[str], object], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` of a package whose names come from modules in it.

    Type checkers must see imports in their place, or else they take any name for one of the
    package's.

    Args:
        package: its globals; `__all__` has its names, and they are put here once they are known.
        modules: in the order in which they are searched: each after those that it imports, so that
            a search loads little but what the name needs.
    """
    own: str = package["__name__"]

    def get(name: str) -> object:
        """Return what is not there yet: a name of the package, or a module that gives names."""
        if name in modules:
            return importlib.import_module(f"{own}.{name}")
        if name in package["__all__"]:
            for module in modules:
                home = importlib.import_module(f"{own}.{module}")
                if name in home.__all__:
                    package[name] = getattr(home, name)
                    return package[name]
        raise AttributeError(f"module {own!r} has no attribute {name!r}")

    def names() -> list[str]:
        """Return all names, those that are not there yet among them."""
        return sorted({*package, *package["__all__"]})

    return get, names
