"""The table of calls against the documented paths."""

import pytest

from alipay_mini_audit.protocol.operations import (
    APPLY,
    BUILD_STATUS,
    CANCEL,
    CANCEL_AUDITED,
    CATEGORIES,
    DELETE,
    DETAIL,
    GRAY_CANCEL,
    GRAY_ONLINE,
    OFFLINE,
    ONLINE,
    ROLLBACK,
    TOKEN,
    VERSIONS,
    Effect,
    Operation,
)

AROUND = (
    *(VERSIONS, BUILD_STATUS, CANCEL_AUDITED, ONLINE, OFFLINE, GRAY_ONLINE, GRAY_CANCEL, ROLLBACK),
    *(DELETE, TOKEN, CATEGORIES),
)


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


def test_the_calls_around_an_audit_are_the_documented_ones() -> None:
    rows = [
        (row.name, row.method, row.path.removeprefix("/v3/alipay/open/"), row.effect)
        for row in AROUND
    ]
    assert rows == [
        ("list", "GET", "mini/version/list/query", None),
        ("build_status", "GET", "mini/version/build/query", None),
        ("cancel_audited", "POST", "mini/version/audited/cancel", Effect.RETURNS),
        ("online", "POST", "mini/version/online", Effect.RELEASES),
        ("offline", "POST", "mini/version/offline", Effect.UNSHELVES),
        ("gray_online", "POST", "mini/version/gray/online", Effect.GRAYS),
        ("gray_cancel", "POST", "mini/version/gray/cancel", Effect.ENDS_GRAY),
        ("rollback", "POST", "mini/version/rollback", Effect.ROLLS_BACK),
        ("delete", "POST", "mini/version/delete", Effect.DELETES),
        ("token", "GET", "auth/token/app/query", None),
        ("categories", "GET", "mini/category/query", None),
    ]
    assert not any(row.is_upload for row in AROUND)
    assert all(row.may_be_empty is (row.effect is not None) for row in AROUND)


def test_every_effect_is_that_of_one_call() -> None:
    effects = [row.effect for row in (APPLY, CANCEL, DETAIL, *AROUND) if row.effect is not None]
    assert sorted(effects, key=list(Effect).index) == list(Effect)


@pytest.mark.parametrize(("operation", "asks"), [(APPLY, False), (CANCEL, False), (DETAIL, True)])
def test_only_a_question_may_be_repeated_whatever_became_of_it(
    operation: Operation, asks: bool
) -> None:
    assert operation.only_asks is asks
