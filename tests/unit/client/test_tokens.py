"""The question about a token, without a network."""

import pytest

from alipay_mini_audit import NO_TOKEN, Timeouts, ValidationError
from alipay_mini_audit.calls import Answer, CallSpec
from alipay_mini_audit.client.tokens import TokenCalls
from alipay_mini_audit.models import ReplyMeta

META = ReplyMeta(request_id="r", trace_id=None, http_status=200)
TOKEN = "202601BBc4n4ry"


async def test_the_application_asks_for_itself_and_the_token_is_a_parameter() -> None:
    asked: list[tuple[CallSpec, object, object]] = []

    async def make(spec: CallSpec, token: object, timeouts: object) -> Answer:
        asked.append((spec, token, timeouts))
        return Answer(fields={"status": "valid", "app_auth_token": TOKEN, "new": 1}, meta=META)

    limits = Timeouts(total=7)
    found = await TokenCalls(make).query(TOKEN, timeouts=limits)
    ((spec, token, timeouts),) = asked
    assert (spec.operation.name, spec.query) == ("token", {"app_auth_token": TOKEN})
    assert (token, timeouts) == (NO_TOKEN, limits)
    assert found.is_valid
    assert found.extra == {"new": 1}
    assert TOKEN not in f"{spec!r}{found!r}"


async def test_what_is_no_token_is_not_sent_and_not_shown() -> None:
    async def make(*_: object) -> Answer:
        raise AssertionError

    for odd in ("", " ", f"{TOKEN} {TOKEN}", "é"):
        with pytest.raises(ValidationError) as caught:
            await TokenCalls(make).query(odd)
        assert [problem.code for problem in caught.value.problems] == ["bad_token"]
        assert TOKEN not in str(caught.value)
    with pytest.raises(TypeError, match=r"^app_auth_token: expected a text, not bytes"):
        await TokenCalls(make).query(TOKEN.encode())  # type: ignore[arg-type]
