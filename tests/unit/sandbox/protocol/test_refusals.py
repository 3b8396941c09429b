import pytest

from alipay_mini_audit.codes import CATALOGUE
from alipay_mini_audit.sandbox.protocol.refusals import CODES, Refusal


def test_a_refusal_takes_status_and_text_from_the_table() -> None:
    refusal = Refusal("invalid-method")
    assert (refusal.http_status, refusal.message) == (404, "There is no such API.")
    assert str(refusal) == "invalid-method: There is no such API."


def test_a_text_of_its_own_replaces_the_usual_one() -> None:
    assert Refusal("invalid-parameter", "nonce is missing.").message == "nonce is missing."


def test_a_code_that_is_not_in_the_table_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        Refusal("no-such-code")


def test_any_code_goes_with_a_status_of_its_own() -> None:
    refusal = Refusal("NO_SUCH_CODE", http_status=503)
    assert (refusal.code, refusal.http_status) == ("NO_SUCH_CODE", 503)
    assert Refusal("invalid-method", http_status=500).message == "There is no such API."


NEIGHBOURS = {
    "AUTH_TOKEN_NOT_EXISTED",
    "BUILD_VERSION_NOT_EXISTED",
    "CAN_NOT_BACK_DEV_WITHOUT_AUDIT",
    "CAN_NOT_CONTINUOUS_ROLLBACK",
    "CAN_NOT_DELETE_WITHOUT_DEV",
    "CAN_NOT_DELETE_WITH_SCANNING",
    "CAN_NOT_END_GRAY_WITHOUT_GRAY",
    "CAN_NOT_GRAY_WITHOUT_AUDIT_PASS",
    "CAN_NOT_OFFLINE_WITHOUT_ONLINE",
    "CAN_NOT_OFFLINE_WITH_GRAY",
    "CAN_NOT_ONLINE_NOT_GRAY_OR_WAITRELEASE",
    "CAN_NOT_ONLINE_NO_PROMOTE",
    "CAN_NOT_ONLINE_WITHOUT_AUDIT",
    "CAN_NOT_ROLLBACK_PUNISH",
    "CAN_NOT_ROLLBACK_WITHOUT_OFFLINE",
    "CAN_NOT_ROLLBACK_WITHOUT_ONLINE",
    "CAN_NOT_ROLLBACK_WITH_GRAY",
    "GRAY_STRATEGY_IS_BLANK",
    "GRAY_STRATEGY_IS_INVALID",
    "GRAY_STRATEGY_NOT_ALLOW_REDUCE",
    "ILLEGAL_PARAM",
}
"""Codes of the calls around the audit, as the platform's schema of 2026-10-08 spells them."""


def test_every_code_of_the_gateway_is_one_of_the_platform() -> None:
    assert set(CODES) <= {*CATALOGUE, *NEIGHBOURS}


def test_every_status_is_an_error_and_every_text_a_sentence() -> None:
    for status, text in CODES.values():
        assert 400 <= status <= 599
        assert text.endswith(".")
