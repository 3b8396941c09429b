"""One row of the catalogue."""

import pytest

from alipay_mini_audit.codes.code import (
    APPLY,
    APPLY_AND_CANCEL,
    CANCEL,
    ERROR_CLASSES,
    Code,
    RowsOf,
)
from alipay_mini_audit.codes.remedies.en import ENGLISH
from alipay_mini_audit.errors import ApiError, ErrorKind


def test_a_row_takes_kind_and_operations_from_its_table() -> None:
    row = RowsOf(ErrorKind.STATE, APPLY)("NEW_CODE", "shorten_memo", "memo", may_have_landed=True)
    assert row == Code(
        "NEW_CODE",
        ErrorKind.STATE,
        "shorten_memo",
        frozenset({"apply"}),
        ("memo",),
        may_have_landed=True,
    )


def test_a_row_says_nothing_that_it_is_not_told() -> None:
    row = RowsOf(ErrorKind.REQUEST, CANCEL)("NEW_CODE", "shorten_memo")
    assert (row.fields, row.may_have_landed) == ((), False)


def test_the_advice_is_the_remedy_in_english() -> None:
    assert RowsOf(ErrorKind.REQUEST, APPLY)("X", "shorten_memo").advice == ENGLISH["shorten_memo"]


def test_a_remedy_without_a_text_is_a_mistake_of_the_table() -> None:
    with pytest.raises(KeyError):
        _ = RowsOf(ErrorKind.REQUEST, APPLY)("X", "no_such_remedy").advice


def test_both_calls_answer_what_stands_in_the_shared_table() -> None:
    assert {"apply", "cancel"} == APPLY_AND_CANCEL


def test_every_kind_has_its_own_class_of_error() -> None:
    assert {kind: cls.__name__ for kind, cls in ERROR_CLASSES.items()} == {
        ErrorKind.AUTHENTICATION: "AuthenticationError",
        ErrorKind.PERMISSION: "PermissionDenied",
        ErrorKind.THROTTLED: "RateLimited",
        ErrorKind.UNAVAILABLE: "ServiceUnavailable",
        ErrorKind.REQUEST: "InvalidRequest",
        ErrorKind.STATE: "StateConflict",
        ErrorKind.UNKNOWN: "ApiError",
    }
    assert set(ERROR_CLASSES) == set(ErrorKind)
    assert set(ERROR_CLASSES.values()) == {ApiError, *ApiError.__subclasses__()}
