"""Words that auditors refuse: warnings only, and not in honest words."""

import pytest
from support.preflight_findings import found

from alipay_mini_audit import Preflight
from alipay_mini_audit.preflight.wording import (
    example_email,
    other_platforms,
    placeholders,
    promised_account,
)

HONEST = [
    "The latest orders, in the contest of shops.",
    "测试环境与正式环境的订单分开显示",
    "Foot massage and food",
    "QQ糖销售",
]


@pytest.mark.parametrize(
    "text", ["test", "TEST 123", "测试", "测试测试。", "xxx", "asdf asdf", "TODO"]
)
def test_placeholders_are_found(text: str) -> None:
    assert found(placeholders, memo=text) == [("memo", "placeholder_text", "warning")]


@pytest.mark.parametrize("text", HONEST)
def test_honest_words_are_left_alone(text: str) -> None:
    assert found(placeholders, memo=text) == []
    assert found(other_platforms, memo=text) == []


@pytest.mark.parametrize("text", ["在微信打开", "Follow us on WeChat!", "同步到抖音小店"])
def test_other_platforms_are_found(text: str) -> None:
    assert found(other_platforms, app_desc=text) == [("app_desc", "other_platform", "warning")]


def test_own_words_take_the_place_of_ours() -> None:
    own = Preflight(placeholders=("smoke",), other_platforms=("Acme (R)",))
    assert found(placeholders, preflight=own, memo="smoke") != []
    assert found(placeholders, preflight=own, memo="test") == []
    assert found(other_platforms, preflight=own, memo="by acme (r)") != []
    assert found(other_platforms, preflight=own, memo="微信") == []
    none = Preflight(placeholders=(), other_platforms=())
    assert found(placeholders, preflight=none, memo="test") == []
    assert found(other_platforms, preflight=none, memo="微信") == []


def test_a_long_text_of_placeholders_takes_no_time() -> None:
    for word in ("test", "x", "测试", "todo"):
        assert found(placeholders, memo=word * 2000 + "!" * 2000 + "y") == []


def test_an_address_of_an_example_is_found() -> None:
    assert found(example_email, service_email="a@example.org") != []
    assert found(example_email, service_email="a@myexample.org") == []


def test_an_account_that_is_given_may_be_mentioned() -> None:
    memo = "登录请用测试账号"
    assert found(promised_account, memo=memo) != []
    assert found(promised_account, memo=memo, test_accout="a", test_password="b") == []
