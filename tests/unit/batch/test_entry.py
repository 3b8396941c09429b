from alipay_mini_audit import EntryState


def test_a_verdict_does_not_undo_a_submission() -> None:
    submitted = {state.value for state in EntryState if state.is_submitted}
    assert submitted == {"done", "passed", "rejected", "online"}
