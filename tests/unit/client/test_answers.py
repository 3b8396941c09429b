from typing import Any

import pytest

from alipay_mini_audit.calls import Answer
from alipay_mini_audit.client.answers import detail_about
from alipay_mini_audit.errors import MalformedReply, Outcome
from alipay_mini_audit.models import ReplyMeta

META = ReplyMeta(request_id="r-1", trace_id="t-1", http_status=200)


def answer(**fields: Any) -> Answer:
    return Answer(fields=fields, meta=META, platform_time=None, received_at=0.0)


@pytest.mark.parametrize(
    ("fields", "about"),
    [
        ({"app_version": "1.0", "status": "INIT"}, {"app_version": "1.0"}),
        ({"status": "INIT"}, {"app_version": "1.0"}),
        (
            {"app_version": "1.0", "bundle_id": "b", "status": "INIT"},
            {"app_version": "1.0", "bundle_id": "b"},
        ),
    ],
)
def test_an_answer_about_the_version_is_read(fields: dict[str, Any], about: dict[str, str]) -> None:
    detail = detail_about(answer(**fields), about)
    assert (detail.status, detail.meta) == ("INIT", META)


@pytest.mark.parametrize(
    "fields", [{"app_version": "1.1"}, {"app_version": "1.0", "bundle_id": "other"}]
)
def test_an_answer_about_another_version_is_none(fields: dict[str, Any]) -> None:
    with pytest.raises(MalformedReply) as caught:
        detail_about(answer(**fields), {"app_version": "1.0", "bundle_id": "b"})
    error = caught.value
    assert error.outcome is Outcome.ACCEPTED_UNREADABLE
    assert (error.request_id, error.trace_id, error.http_status) == ("r-1", "t-1", 200)
