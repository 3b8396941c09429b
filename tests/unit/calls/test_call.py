"""The values of a call: sizes, and nothing secret in print."""

import pickle

import pytest

from alipay_mini_audit.attachments import BytesSource, FilePart
from alipay_mini_audit.calls.call import NO_TOKEN, Call, CallOptions, CallSpec, NoToken
from alipay_mini_audit.config import Timeouts
from alipay_mini_audit.protocol import APPLY
from alipay_mini_audit.retry import RetryPolicy

OPTIONS = CallOptions(Timeouts(), RetryPolicy(), "canary-token", "merchant 7")


def part(size: int) -> FilePart:
    source = BytesSource(bytes(size))
    return FilePart("app_logo", "attachments.app_logo", source, "a.png", "image/png", size)


def test_the_size_is_that_of_the_text_in_utf_8_and_of_the_files() -> None:
    call = Call(
        operation=APPLY,
        target=APPLY.path,
        body='{"memo":"咖啡"}',
        files=(part(100), part(23)),
        options=OPTIONS,
    )
    assert call.size == 17 + 123
    assert Call(operation=APPLY, target=APPLY.path, options=OPTIONS).size == 0


def test_nothing_secret_is_printed() -> None:
    call = Call(operation=APPLY, target=APPLY.path, body="canary-body", options=OPTIONS)
    spec = CallSpec(operation=APPLY, fields={"test_password": "canary-password"})
    shown = repr((call, spec, OPTIONS))
    assert "canary" not in shown
    assert "merchant 7" in shown


def test_options_may_hold_a_token_and_are_not_pickled() -> None:
    with pytest.raises(TypeError, match="token"):
        pickle.dumps(OPTIONS)


def test_no_token_is_one_value() -> None:
    assert NO_TOKEN is NoToken.NO_TOKEN
    assert pickle.loads(pickle.dumps(NO_TOKEN)) is NO_TOKEN  # noqa: S301  # it was pickled here
