"""The table of calls against the documented paths."""

import pytest

from alipay_mini_audit.protocol.operations import APPLY, CANCEL, DETAIL, Effect, Operation


def test_the_operations_are_the_documented_ones() -> None:
    rows = [
        (row.name, row.method, row.path, row.is_upload, row.may_be_empty, row.effect)
        for row in (APPLY, CANCEL, DETAIL)
    ]
    assert rows == [
        ("apply", "POST", "/v3/alipay/open/mini/version/audit/apply", True, False, Effect.SUBMITS),
        (
            "cancel",
            "POST",
            "/v3/alipay/open/mini/version/audit/cancel",
            False,
            True,
            Effect.WITHDRAWS,
        ),
        ("detail", "GET", "/v3/alipay/open/mini/version/detail/query", False, False, None),
    ]


@pytest.mark.parametrize(("operation", "asks"), [(APPLY, False), (CANCEL, False), (DETAIL, True)])
def test_only_a_question_may_be_repeated_whatever_became_of_it(
    operation: Operation, asks: bool
) -> None:
    assert operation.only_asks is asks
