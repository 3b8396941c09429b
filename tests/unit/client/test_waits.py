import pytest

from alipay_mini_audit import AuditClient, ValidationError


@pytest.mark.parametrize("seconds", [-1, "5", float("nan")])
async def test_a_timeout_is_a_number_of_seconds(client: AuditClient, seconds: float) -> None:
    with pytest.raises(TypeError, match="timeout"):
        await client.wait_for_build("1", timeout=seconds)
    with pytest.raises(TypeError, match="timeout"):
        await client.wait_for_verdict("1", timeout=seconds)


async def test_a_version_is_named(client: AuditClient) -> None:
    with pytest.raises(ValidationError):
        await client.wait_for_build(" ")
    with pytest.raises(TypeError, match="poll"):
        await client.wait_for_build("1", poll=5)  # type: ignore[arg-type]
