"""What commands say in English and Chinese: the texts stand beside what prints them.

No typer here: `__main__` says something when the extra is not installed.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import sys
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from alipay_mini_audit.codes.language import language_of
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.system_reasons import chinese_reason

__all__ = [
    "called",
    "chosen",
    "documented",
    "open_closed_streams",
    "reason_of",
    "said",
    "take_any_character",
]

_DROPS_DOCSTRINGS: Final = 2
"""`sys.flags.optimize` of `python -OO`."""

_Command = TypeVar("_Command", bound=Callable[..., object])


def said(english: str, chinese: str, language: str | None = None) -> str:
    """Return one of two texts.

    Args:
        english: the text for "en".
        chinese: the text for "zh".
        language: what was chosen; `None` takes what the environment says.
    """
    return chinese if (language or language_of()) == "zh" else english


def documented(chinese: str) -> Callable[[_Command], _Command]:
    """Give a command its help text in Chinese, if that is spoken; its docstring is the English one.

    Args:
        chinese: paragraphs, with an empty line between them; the first one is a sentence.
    """

    def document(command: _Command) -> _Command:
        """Replace the docstring, which is what typer prints."""
        command.__doc__ = chinese if language_of() == "zh" else _docstring_of(command)
        return command

    return document


def _docstring_of(command: Callable[..., object]) -> str:
    """Return the docstring of a function; `python -OO` has dropped it, but not its source."""
    if command.__doc__ is not None or sys.flags.optimize < _DROPS_DOCSTRINGS:
        return command.__doc__ or ""
    import ast

    loader = sys.modules[command.__module__].__loader__
    source = None
    with contextlib.suppress(AttributeError, ImportError, OSError):  # there need be no source
        source = loader.get_source(command.__module__)  # type: ignore[union-attr]
    for node in ast.walk(ast.parse(source or "")):
        if isinstance(node, ast.FunctionDef) and node.name == command.__name__:
            return ast.get_docstring(node) or ""
    return ""


def chosen(lang: str | None) -> str:
    """Return the language that the option `--lang` chooses.

    Args:
        lang: its value; `None` takes what the environment says.

    Raises:
        ConfigurationError: there is no such language.
    """
    with called("--lang", "language"):
        return language_of(lang)


@contextlib.contextmanager
def called(option: str, setting: str) -> Iterator[None]:
    """Call a setting as the user gave it.

    Args:
        option: the option that holds it.
        setting: what errors call it otherwise.

    Raises:
        ConfigurationError: what was raised inside.
    """
    try:
        yield
    except ConfigurationError as error:
        if error.setting != setting:
            raise
        raise ConfigurationError.from_problem(error.as_problem(option)) from error


def reason_of(error: OSError, language: str | None = None) -> str:
    """Return why the system refused something, without a full stop.

    Args:
        error: what the system says; in Chinese too, as far as it is known here.
        language: what was chosen; `None` takes what the environment says.
    """
    english = error.strerror or str(error)
    return said(english, chinese_reason(error) or english, language)


def open_closed_streams() -> None:
    """Open on nothing whatever of stdin, stdout and stderr the program was started without.

    Otherwise the next file would have its number, to which the programs of hooks write, and a line
    for stderr would be a traceback.
    """
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            nothing = os.open(os.devnull, os.O_RDWR)
            if nothing != number:
                os.dup2(nothing, number)
                os.close(nothing)
            os.set_inheritable(number, True)  # noqa: FBT003  # it takes no name
            setattr(sys, name, os.fdopen(number, "w" if number else "r", encoding="utf-8"))


def take_any_character() -> None:
    """Let stdout and stderr take what their encoding lacks: it is escaped, and no error.

    What says ASCII is a machine without a locale rather than a terminal without Chinese, so it
    gets Chinese as UTF-8; typer does that for its own lines anyway.
    """
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        stream.reconfigure(errors="backslashreplace")
        if language_of() == "zh" and codecs.lookup(stream.encoding).name == "ascii":
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
