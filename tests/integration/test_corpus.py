"""The strict sandbox refuses what preflight refuses, by the same code, without sharing its own."""

import pytest
from support.corpus import CASES, Case

from alipay_mini_audit import (
    ApiError,
    Attachments,
    AuditApply,
    AuditClient,
    BytesSource,
    ClientConfig,
    Preflight,
    RetryPolicy,
)
from alipay_mini_audit.sandbox import Material, SandboxGateway

ONCE = RetryPolicy(attempts=1)


async def answered(gateway: SandboxGateway, case: Case) -> str:
    """Submit a case past the client's own judgement, and return the code of the answer."""
    files = {name: BytesSource(content, named) for name, (named, content) in case.files().items()}
    config = ClientConfig(base_url=gateway.base_url, preflight=Preflight.OFF, retry=ONCE)
    async with AuditClient(gateway.credentials, config) as client:
        try:
            request = AuditApply.from_wire(case.wire)
            await client.apply(
                request, Attachments.from_parts(files), app_auth_token="one-merchant"
            )
        except ApiError as error:
            return error.code
    return ""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_the_strict_sandbox_agrees(case: Case, material: Material) -> None:
    async with SandboxGateway(material=material, basic_info=not case.is_first) as gateway:
        assert await answered(gateway, case) == case.answered
