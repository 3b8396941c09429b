"""The strict sandbox refuses what preflight refuses, by the same code, without sharing its own."""

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


async def answered(gateway: SandboxGateway, case: Case, merchant: str) -> str:
    """Submit a case past the client's own judgement, and return the code of the answer."""
    files = {name: BytesSource(content, named) for name, (named, content) in case.files().items()}
    config = ClientConfig(base_url=gateway.base_url, preflight=Preflight.OFF, retry=ONCE)
    async with AuditClient(gateway.credentials, config) as client:
        try:
            request = AuditApply.from_wire(case.wire)
            await client.apply(request, Attachments.from_parts(files), app_auth_token=merchant)
        except ApiError as error:
            return error.code
    return ""


async def test_the_strict_sandbox_agrees(material: Material) -> None:
    wrong = {}
    for is_first in (False, True):
        async with SandboxGateway(material=material, basic_info=not is_first) as gateway:
            for number, case in enumerate(CASES):
                if case.is_first is is_first:
                    code = await answered(gateway, case, f"merchant-{number}")
                    if code != case.answered:
                        wrong[case.name] = (case.answered, code)
    assert wrong == {}, "case: what was expected, and what was answered"
