"""What the two audit calls answer."""

import attrs
import pytest

from alipay_mini_audit.models import ApplyReply, CancelReply, ReplyMeta

META = ReplyMeta(request_id="r-1", trace_id="t-1", http_status=200)


def test_the_facts_of_a_reply_have_their_defaults() -> None:
    assert (META.attempts, META.elapsed, META.resolved) == (1, 0.0, False)


def test_what_the_platform_does_not_say_is_none() -> None:
    reply = ApplyReply(meta=META)
    assert (reply.speed_up, reply.speed_up_memo, reply.extra) == (None, None, {})
    assert CancelReply(meta=META).extra == {}


@pytest.mark.parametrize("reply", [META, ApplyReply(meta=META), CancelReply(meta=META)])
def test_a_reply_is_frozen(reply: ApplyReply) -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        reply.meta = META  # type: ignore[misc]


def test_a_reply_is_made_by_keywords() -> None:
    with pytest.raises(TypeError):
        ApplyReply(META)  # type: ignore[misc]
