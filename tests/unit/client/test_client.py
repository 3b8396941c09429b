"""The front door without a network: what its methods refuse."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    ValidationError,
)


@pytest.mark.parametrize(
    ("argument", "call"),
    [
        ("request", lambda client: client.apply({"app_version": "1.0.0"})),
        ("request", lambda client: client.apply(None)),
        ("attachments", lambda client: client.apply(AuditApply(), ["logo.png"])),
        ("attachments", lambda client: client.apply(AuditApply(), "logo.png")),
        ("timeouts", lambda client: client.apply(AuditApply(), timeouts=30)),
        ("extra", lambda client: client.cancel("1.0.0", extra=["new"])),
        ("timeouts", lambda client: client.cancel(timeouts=30)),
        ("app_auth_token", lambda client: client.cancel(app_auth_token=5)),
        ("app_version", lambda client: client.version_detail(None)),
        ("app_version", lambda client: client.version_detail(1.0)),
        ("method", lambda client: client.call(None, "/v3/x")),
        ("path", lambda client: client.call("GET", None)),
        ("query", lambda client: client.call("GET", "/v3/x", query=["a"])),
        ("body", lambda client: client.call("POST", "/v3/x", body=["a"])),
        ("body", lambda client: client.call("POST", "/v3/x", body='{"a":1}')),
        ("attachments", lambda client: client.call("POST", "/v3/x", attachments=["a.png"])),
    ],
)
async def test_a_call_with_something_else_names_the_argument(
    client: AuditClient, argument: str, call: Callable[[Any], Awaitable[object]]
) -> None:
    with pytest.raises(TypeError, match=rf"^{argument}: expected "):
        await call(client)


@pytest.mark.parametrize("blank", ["", "  "])
async def test_a_blank_version_is_never_whichever_is_in_audit(
    client: AuditClient, blank: str
) -> None:
    with pytest.raises(ValidationError, match="whichever version is in audit"):
        await client.cancel(blank)
    for call in (
        client.cancel("1.0.0", bundle_id=blank),
        client.version_detail(blank),
        client.version_detail("1.0.0", bundle_id=blank),
    ):
        with pytest.raises(ValidationError, match="is blank"):
            await call


async def test_a_cancel_names_one_version(client: AuditClient) -> None:
    for name in ("app_version", "bundle_id"):
        with pytest.raises(ValidationError) as caught:
            await client.cancel("1.0.0", extra={name: "2.0.0"})
        assert [problem.code for problem in caught.value.problems] == ["known_field"]


@pytest.mark.parametrize(
    ("method", "path"),
    [("post", "/v3/x"), ("POST", "v3/x"), ("POST", "/v3/x?y=1"), ("POST", "/v3/ x"), ("", "/v3/x")],
)
async def test_a_call_needs_a_method_and_a_path(
    client: AuditClient, method: str, path: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        await client.call(method, path)
    assert [problem.code for problem in caught.value.problems] == ["bad_path"]
