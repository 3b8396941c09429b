"""What a version's state proves, as a table."""

import datetime

import pytest

from alipay_mini_audit.calls.resolution import has_landed
from alipay_mini_audit.models import ReplyMeta, VersionDetail
from alipay_mini_audit.protocol import APPLY, CANCEL, DETAIL, Operation

BEGAN = datetime.datetime(2026, 11, 24, 2, 0, 0, tzinfo=datetime.UTC)
META = ReplyMeta(request_id="r", trace_id=None, http_status=200)


@pytest.mark.parametrize(
    ("operation", "status", "seconds", "expected"),
    [
        (APPLY, "INIT", None, False),
        (APPLY, "INIT", -9999, False),
        (APPLY, "AUDITING", 0, True),
        (APPLY, "AUDITING", 5, True),
        (APPLY, "AUDITING", -60, True),
        (APPLY, "AUDITING", -61, None),
        (APPLY, "AUDITING", None, None),
        (APPLY, "WAIT_RELEASE", 30, True),
        (APPLY, "SOMETHING_NEW", 30, True),
        (APPLY, "AUDIT_REJECT", -86400, None),
        (APPLY, None, 0, None),
        (CANCEL, "INIT", 0, True),
        (CANCEL, "AUDITING", 0, False),
        (CANCEL, "WAIT_RELEASE", 0, None),
        (CANCEL, "SOMETHING_NEW", 0, None),
        (DETAIL, "INIT", 0, None),
    ],
)
def test_the_platforms_answer_says_whether_a_call_landed(
    operation: Operation, status: str | None, seconds: int | None, expected: bool | None
) -> None:
    submitted = None if seconds is None else BEGAN + datetime.timedelta(seconds=seconds)
    detail = VersionDetail(status=status, gmt_apply_audit=submitted, meta=META)
    assert has_landed(operation, detail, BEGAN) is expected
