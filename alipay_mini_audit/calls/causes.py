"""What stands behind an error of ours, made safe to print.

An error of aiohttp holds the request with its `Authorization` header and token, and shows it.
"""

from __future__ import annotations

from typing import Final, final

from alipay_mini_audit.errors import AuditError
from alipay_mini_audit.problems import printable
from alipay_mini_audit.transport.failures import without_secrets

__all__ = ["ForeignError", "clean_causes"]

_HTTP_CLIENT: Final = ("aiohttp", "yarl", "multidict")


@final
class ForeignError(Exception):
    """Stands in a chain of causes for an error that cannot be shown as it is.

    Its text is that error's type and text, as one line.
    """


def clean_causes(error: BaseException) -> None:
    """Replace what stands behind an error, as far as its `repr` may show secrets or forge lines.

    Whatever the HTTP client raised is replaced, and what has control characters in its text.
    """
    _clean_links(error, {id(error): error})


def _clean_links(error: BaseException, done: dict[int, BaseException]) -> None:
    suppressed = error.__suppress_context__
    cause, context = error.__cause__, error.__context__
    error.__cause__ = None if cause is None else _cleaned(cause, done)
    error.__context__ = None if context is None else _cleaned(context, done)
    error.__suppress_context__ = suppressed


def _cleaned(error: BaseException, done: dict[int, BaseException]) -> BaseException:
    """Return an error or what stands for it; a chain may come back to where it began."""
    if id(error) not in done:
        shown = error if _may_be_shown(error) else _stand_in(error)
        done[id(error)] = shown
        if shown is not error:
            shown.__cause__, shown.__context__ = error.__cause__, error.__context__
            shown.__suppress_context__ = error.__suppress_context__
        _clean_links(shown, done)
        for inner in shown.exceptions if isinstance(shown, BaseExceptionGroup) else ():
            _clean_links(inner, done)
    return done[id(error)]


def _may_be_shown(error: BaseException) -> bool:
    if isinstance(error, AuditError):
        return True
    if any(_module_of(kind) in _HTTP_CLIENT for kind in type(error).__mro__):
        return False
    if isinstance(error, BaseExceptionGroup) and not all(map(_may_be_shown, error.exceptions)):
        return False
    try:
        shown = (str(error), repr(error), *getattr(error, "__notes__", ()))
        return all(text == printable(text) for text in shown)
    except Exception:  # noqa: BLE001  # it is somebody else's code
        return False


def _module_of(kind: type) -> str:
    return kind.__module__.split(".")[0]


def _stand_in(error: BaseException) -> ForeignError:
    name = type(error).__name__
    try:
        text = without_secrets(str(error))
    except Exception:  # noqa: BLE001  # it is somebody else's code
        text = ""
    stand_in = ForeignError(printable(f"{name}: {text}" if text else name))
    return stand_in.with_traceback(error.__traceback__)
