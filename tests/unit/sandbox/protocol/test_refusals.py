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


def test_every_code_of_the_gateway_is_one_of_the_platform() -> None:
    assert set(CODES) <= set(CATALOGUE)


def test_every_status_is_an_error_and_every_text_a_sentence() -> None:
    for status, text in CODES.values():
        assert 400 <= status <= 599
        assert text.endswith(".")
