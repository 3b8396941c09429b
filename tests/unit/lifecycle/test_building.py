import asyncio
import pickle

import pytest

from alipay_mini_audit.errors import ApiError, AuditError, ConnectionFailed, UntrustedReply
from alipay_mini_audit.lifecycle.building import BuildPending, wait_for_build
from alipay_mini_audit.models import BuildStatus, ReplyMeta
from alipay_mini_audit.verdicts import Poll

META = ReplyMeta(request_id="r", trace_id=None, http_status=200)
SOON = Poll(first=0.001, factor=1.0)


def stage(create_status: str) -> BuildStatus:
    return BuildStatus(create_status=create_status, meta=META)


async def run(*answers: BuildStatus | AuditError, seconds: float = 5.0) -> tuple[str, int]:
    """The stage that ended the wait, and how often it asked."""
    asked = 0

    async def ask() -> BuildStatus:
        nonlocal asked
        answer = answers[min(asked, len(answers) - 1)]
        asked += 1
        if isinstance(answer, AuditError):
            raise answer
        return answer

    found = await wait_for_build(ask, asyncio.timeout(seconds), SOON)
    return str(found.create_status), asked


async def test_only_a_created_version_ends_it_well() -> None:
    assert await run(stage("0"), stage("1"), stage("2"), stage("6")) == ("6", 4)


async def test_a_stage_that_was_not_told_is_not_named() -> None:
    with pytest.raises(BuildPending) as caught:
        await run(BuildStatus(meta=META), seconds=0.05)
    assert str(caught.value) == "The build has not ended in time."


@pytest.mark.parametrize("create_status", ["3", "5"])
async def test_a_failure_ends_it(create_status: str) -> None:
    with pytest.raises(BuildPending) as caught:
        await run(stage("1"), stage(create_status))
    assert caught.value.has_failed


@pytest.mark.parametrize(
    "error", [ConnectionFailed("x"), ApiError("BUILD_VERSION_NOT_EXISTED", "")]
)
async def test_what_may_pass_is_asked_again(error: AuditError) -> None:
    assert await run(error, stage("6")) == ("6", 2)


@pytest.mark.parametrize("error", [UntrustedReply("x"), ApiError("APP_VERSION_IS_BLANK", "")])
async def test_what_would_come_again_is_told(error: AuditError) -> None:
    with pytest.raises(type(error)):
        await run(error)


async def test_the_last_failure_is_told_when_the_time_is_over() -> None:
    failure = ConnectionFailed("x")
    with pytest.raises(BuildPending) as caught:
        await run(failure, seconds=0.05)
    assert caught.value.failure is failure
    again = pickle.loads(pickle.dumps(BuildPending("x", stage("1"))))  # noqa: S301  # our own
    assert (str(again), again.last.create_status) == ("x", "1")
