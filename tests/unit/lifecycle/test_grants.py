import asyncio
from collections.abc import AsyncIterator

import pytest

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    ConfigurationError,
    Credentials,
    Severity,
    Submission,
)
from alipay_mini_audit.errors import ConnectionFailed
from alipay_mini_audit.lifecycle.grants import preflight_tokens
from alipay_mini_audit.models import ReplyMeta, TokenInfo
from alipay_mini_audit.sandbox import Material

META = ReplyMeta(request_id="r", trace_id=None, http_status=200)
APPLY = "alipay.open.mini.version.audit.apply"


async def night(count: int) -> AsyncIterator[Submission]:
    for number in range(count):
        request = AuditApply(app_version="0.0.1", version_desc="x" * 30)
        yield Submission(f"shop-{number}", request, app_auth_token=f"token-{number}")


async def test_few_questions_are_under_way_at_once_and_the_order_stays() -> None:
    under_way = most = 0

    async def ask(token: str) -> TokenInfo:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0)
        under_way -= 1
        status = "invalid" if token.endswith("7") else "valid"
        return TokenInfo(status=status, auth_methods=[APPLY], meta=META)

    found = await preflight_tokens(ask, night(50), None)
    assert most == 8
    paths = [problem.path for problem in found]
    assert paths == [f"shop-{number}7.app_auth_token".replace("-0", "-") for number in range(5)]
    assert {problem.code for problem in found} == {"token_invalid"}


async def test_whoever_delegated_everything_needs_no_names() -> None:
    async def ask(_: str) -> TokenInfo:
        return TokenInfo(is_by_app_auth=True, meta=META)

    assert await preflight_tokens(ask, night(1), None) == ()


async def test_a_question_that_fails_is_a_warning_without_the_token() -> None:
    async def ask(token: str) -> TokenInfo:
        raise ConnectionFailed(f"cannot reach /query?app_auth_token={token}")

    (problem,) = await preflight_tokens(ask, night(1), None)
    assert problem.code == "token_not_checked"
    assert "token-0" not in str(problem)


async def test_where_nobody_answers_it_does_not_ask_for_ever() -> None:
    asked = 0

    async def ask(_: str) -> TokenInfo:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        raise ConnectionFailed("x")

    found = await preflight_tokens(ask, night(500), None)
    assert len(found) == 500
    assert asked <= 16


async def test_failures_now_and_then_do_not_end_the_questions() -> None:
    async def ask(token: str) -> TokenInfo:
        if int(token.removeprefix("token-")) % 5 == 0:
            raise ConnectionFailed("reset")
        return TokenInfo(status="invalid", meta=META)

    found = await preflight_tokens(ask, night(100), None)
    assert [each.code for each in found].count("token_invalid") == 80


async def test_a_token_that_cannot_be_sent_is_an_error_of_its_entry(material: Material) -> None:
    request = AuditApply(app_version="0.0.1", version_desc="x" * 30)
    bad = [Submission(f"shop-{n}", request, app_auth_token=f"canary {n}\n") for n in range(20)]
    credentials = Credentials.from_keys(
        material.app_id, material.app_private_key, material.alipay_public_key
    )
    client = AuditClient(credentials)
    try:
        found = await client.tokens.preflight(bad)
    finally:
        await client.aclose()
    assert [(each.path, each.code, each.severity) for each in found] == [
        (f"shop-{n}.app_auth_token", "bad_token", Severity.ERROR) for n in range(20)
    ]
    assert "canary" not in str(found)
    with pytest.raises(ConfigurationError):
        await client.tokens.preflight(night(3))
