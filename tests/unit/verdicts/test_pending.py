import pickle

from alipay_mini_audit import AuditError, Outcome, VerdictPending, VersionDetail
from alipay_mini_audit.models import ReplyMeta


def test_it_is_of_the_tree_and_says_what_was_last_seen() -> None:
    meta = ReplyMeta(request_id="r", trace_id=None, http_status=200)
    last = VersionDetail(status="AUDITING", meta=meta)
    error = VerdictPending(2.5, last, None)
    assert isinstance(error, AuditError)
    assert not isinstance(error, TimeoutError)
    assert (error.outcome, error.is_repeatable) == (Outcome.UNKNOWN, True)
    assert str(error) == "No verdict came within 2.5 s. It stands at AUDITING."
    again = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own
    assert again.last == last
    assert str(VerdictPending(1, None, None)) == "No verdict came within 1 s."
