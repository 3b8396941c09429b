import datetime

import pytest

from alipay_mini_audit import AuditApply, AuditClient, ValidationError


async def test_wrong_arguments_are_named(client: AuditClient) -> None:
    request = AuditApply(app_version="1", version_desc="x")
    with pytest.raises(TypeError, match="policy"):
        await client.resubmit(request, policy="replace")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="until"):
        await client.tokens.preflight([], until=datetime.datetime(2026, 11, 26))  # noqa: DTZ001
    with pytest.raises(TypeError, match="until: expected"):
        await client.tokens.preflight([], until="2026-11-26")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="submissions: expected"):
        await client.tokens.preflight(None)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="submissions: expected Submission, not str"):
        await client.tokens.preflight(["token"])  # type: ignore[list-item]
    assert await client.tokens.preflight([]) == ()


async def test_a_resubmission_needs_a_version(client: AuditClient) -> None:
    with pytest.raises(ValidationError):
        await client.resubmit(AuditApply(version_desc="x"))
    with pytest.raises(ValidationError, match="version_desc"):
        await client.resubmit(AuditApply(app_version="1"))
