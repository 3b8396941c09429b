"""`cannot_be_awaited`: whether what a function returns is surely nothing to await. No I/O here."""

from __future__ import annotations

import functools
import inspect
import types
from typing import Final

__all__ = ["cannot_be_awaited"]

_DEEPEST: Final = 100
"""Of decorators around a function; one may lead back to itself."""
_FORWARDS: Final = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS


def cannot_be_awaited(function: object) -> bool:
    """Say whether a callable surely returns nothing that can be awaited, without calling it.

    That is a generator, and a plain `def` that is not annotated to return something else than
    `bool` or `None`. It cannot be known of a lambda, of what hands on whatever it is given, of a
    class and of what is not written in Python.

    Args:
        function: what is to be called: a function, a method, an object or a partial of one.
    """
    while isinstance(function, functools.partial):
        function = function.func
    if not inspect.isroutine(function) and not isinstance(function, type):
        function = getattr(type(function), "__call__", None)  # noqa: B004  # an object's own
    function = getattr(function, "__func__", function)
    for _ in range(_DEEPEST):
        if not isinstance(function, types.FunctionType) or inspect.iscoroutinefunction(function):
            return False
        wrapped = getattr(function, "__wrapped__", None)
        if wrapped is None:
            return _is_plain(function)
        function = wrapped
    return False


def _is_plain(function: types.FunctionType) -> bool:
    flags = function.__code__.co_flags
    if flags & inspect.CO_ITERABLE_COROUTINE or flags & _FORWARDS == _FORWARDS:
        return False
    if flags & (inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR):
        return True
    return function.__name__ != "<lambda>" and not _says_what_it_returns(function)


def _says_what_it_returns(function: types.FunctionType) -> bool:
    try:
        annotations = function.__annotations__
    except (NameError, AttributeError):  # from Python 3.14 on names are looked up here
        return True
    returns = annotations.get("return")
    return returns not in (None, bool, "bool", "None")
