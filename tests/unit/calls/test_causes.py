"""What stands behind an error shows no secret and forges no line."""

import traceback

import aiohttp
import pytest
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from alipay_mini_audit.calls.causes import ForeignError, clean_causes
from alipay_mini_audit.errors import CallError, SigningError

SECRET = "c4n4ry"
URL_WITH_PASSWORD = URL(f"http://user:{SECRET}@127.0.0.1:9/x")


def response_error(message: str = "Bad") -> aiohttp.ClientResponseError:
    headers = CIMultiDictProxy(CIMultiDict({"Authorization": SECRET}))
    info = aiohttp.RequestInfo(URL_WITH_PASSWORD, "POST", headers, URL_WITH_PASSWORD)
    return aiohttp.ClientResponseError(info, (), status=400, message=message, headers=headers)


class Disguised(aiohttp.ClientResponseError):
    """A user's own kind of aiohttp's error."""


def failed(cause: BaseException, *, chained: bool = True) -> CallError:
    """Return an error that was raised from another one, or while another one was handled."""
    try:
        try:
            raise cause  # noqa: TRY301  # so that it is handled
        except BaseException as error:
            if chained:
                raise CallError("It failed.") from error
            raise CallError("It failed.") from None
    except CallError as error:
        return error


def shown(error: BaseException) -> str:
    """Return all that can be printed of an error and what stands behind it."""
    texts = traceback.format_exception(error)
    todo, seen = [error], []
    while todo:
        each = todo.pop()
        if each is not None and each not in seen:
            seen.append(each)
            texts += [repr(each), str(each)]
            todo += [each.__cause__, each.__context__]
    return "".join(texts)


@pytest.mark.parametrize("chained", [True, False])
def test_an_error_of_the_http_client_is_replaced(chained: bool) -> None:
    assert SECRET in repr(response_error())
    error = failed(response_error(), chained=chained)
    clean_causes(error)
    assert SECRET not in shown(error)
    behind = error.__cause__ if chained else error.__context__
    assert type(behind) is ForeignError
    assert str(behind).startswith("ClientResponseError: 400, message='Bad'")
    assert error.__suppress_context__
    assert behind.__traceback__ is not None


def test_a_kind_of_the_http_clients_error_is_replaced() -> None:
    base = response_error()
    error = failed(Disguised(base.request_info, (), status=400, message="m"))
    clean_causes(error)
    assert SECRET not in shown(error)
    assert str(error.__cause__).startswith("Disguised")


@pytest.mark.parametrize(
    "text", ["a\nb", "a\r\nb", "\x1b[31m", "\u202e", "\udc80", "\x00", "\u2028"]
)
def test_what_would_forge_a_line_is_replaced(text: str) -> None:
    class Plain(Exception):
        def __repr__(self) -> str:
            return str(self)

    for cause in (OSError(text), Plain(text), response_error(text)):
        error = failed(cause)
        clean_causes(error)
        assert type(error.__cause__) is ForeignError
        assert type(cause).__name__ in str(error.__cause__)
        assert text not in shown(error)
        shown(error).encode()


def test_a_harmless_cause_stays_what_it_is() -> None:
    for cause in (ConnectionRefusedError(111, "refused"), SigningError("no"), TimeoutError()):
        error = failed(cause)
        clean_causes(error)
        assert error.__cause__ is cause


def test_the_whole_chain_is_cleaned() -> None:
    middle = RuntimeError("middle")
    middle.__cause__ = response_error()
    middle.__cause__.__context__ = ValueError("a\nb")
    error = failed(middle)
    clean_causes(error)
    assert error.__cause__ is middle
    assert type(middle.__cause__) is ForeignError
    assert type(middle.__cause__.__context__) is ForeignError
    assert SECRET not in shown(error)


def test_a_group_is_shown_only_if_all_of_it_may_be() -> None:
    harmless = ExceptionGroup("two", [OSError("a"), OSError("b")])
    error = failed(harmless)
    clean_causes(error)
    assert error.__cause__ is harmless
    error = failed(ExceptionGroup("two", [OSError("a"), response_error()]))
    clean_causes(error)
    assert type(error.__cause__) is ForeignError
    inner = OSError("a")
    inner.__cause__ = response_error()
    error = failed(ExceptionGroup("one", [inner]))
    clean_causes(error)
    assert SECRET not in shown(error)


def test_a_chain_that_comes_back_to_itself_ends() -> None:
    error, other = CallError("one"), response_error()
    error.__cause__, other.__cause__ = other, error
    clean_causes(error)
    assert type(error.__cause__) is ForeignError
    assert error.__cause__.__cause__ is error


def test_a_note_is_looked_at() -> None:
    cause = OSError("fine")
    cause.add_note("not\nfine")
    error = failed(cause)
    clean_causes(error)
    assert type(error.__cause__) is ForeignError


def test_an_error_that_cannot_be_printed_is_named() -> None:
    class Unprintable(Exception):
        def __str__(self) -> str:
            raise RuntimeError(SECRET)

    error = failed(Unprintable())
    clean_causes(error)
    assert str(error.__cause__) == "Unprintable"


def test_an_error_without_causes_stays_as_it_is() -> None:
    error = CallError("x")
    clean_causes(error)
    assert (error.__cause__, error.__context__, error.__suppress_context__) == (None, None, False)
