"""Tokens: in a line, in the environment, in a file, and never in a message."""

import pytest

from alipay_mini_audit.batch.manifest.record import Record
from alipay_mini_audit.batch.manifest.tokens import Tokens

TOKEN = "202012BBs3cret"
TOKENS = Tokens({"2021": TOKEN}, {"MERCHANT_7": f" {TOKEN} ", "EMPTY": "", "BAD": "a b"})


def outcome(mini_app: str | None = None, **values: object) -> tuple[str | None, list[str]]:
    record = Record(file="night.csv", line=2, values=values)
    token, problems = TOKENS.token_of(record, mini_app)
    for problem in problems:
        assert TOKEN not in f"{problem!r} {problem} {problem.in_language('zh')}"
    return token, [f"{each.path} {each.code}" for each in problems]


@pytest.mark.parametrize(
    ("values", "mini_app"),
    [
        ({"app_auth_token": f" {TOKEN}\n"}, None),
        ({"app_auth_token": TOKEN}, "unknown"),
        ({"app_auth_token_env": "MERCHANT_7"}, "2021"),
        ({}, "2021"),
    ],
)
def test_where_a_token_may_be(values: dict[str, object], mini_app: str | None) -> None:
    assert outcome(mini_app, **values) == (TOKEN, [])


@pytest.mark.parametrize(
    ("values", "mini_app", "expected"),
    [
        ({"app_auth_token": f"{TOKEN} x"}, None, "app_auth_token bad_token"),
        ({"app_auth_token": 7}, None, "app_auth_token wrong_type"),
        ({"app_auth_token_env": ["a"]}, None, "app_auth_token_env wrong_type"),
        ({"app_auth_token_env": "BAD"}, None, "app_auth_token_env bad_token"),
        ({"app_auth_token_env": "EMPTY"}, None, "app_auth_token_env token_missing"),
        ({"app_auth_token_env": "ABSENT"}, None, "app_auth_token_env token_missing"),
        ({"app_auth_token_env": TOKEN}, None, "app_auth_token_env token_missing"),
        (
            {"app_auth_token_env": "MERCHANT_7", "app_auth_token": TOKEN},
            None,
            "app_auth_token_env token_twice",
        ),
        ({}, "2022", "mini_app token_missing"),
    ],
)
def test_what_is_wrong_is_told_without_it(
    values: dict[str, object], mini_app: str | None, expected: str
) -> None:
    assert outcome(mini_app, **values) == (None, [f"night.csv:2:{expected}"])


def test_without_any_the_client_decides() -> None:
    assert outcome() == (None, [])
    assert Tokens().token_of(Record(file="a", line=1), "2021") == (None, [])
