"""How a call ends the program when it does not succeed."""

import json
import signal

import pytest

from alipay_mini_audit.cli.calls.asked import AskedCall
from alipay_mini_audit.cli.calls.failures import call_failures
from alipay_mini_audit.cli.calls.watch import CallWatch
from alipay_mini_audit.cli.connection import Connection
from alipay_mini_audit.cli.exits import Stopped
from alipay_mini_audit.errors import Outcome, SigningError
from alipay_mini_audit.events import AttemptStarted, CallEnded, CallStarted

ASKED = AskedCall(operation="apply", connection=Connection(credentials=None), app_version="0.0.1")
CALL = {"call_id": "c", "operation": "apply", "method": "POST", "path": "/v3/x"}


def ended(outcome: Outcome | None) -> CallEnded:
    error = None if outcome is None else RuntimeError()
    return CallEnded(**CALL, outcome=outcome, error=error, attempts=1, elapsed=1.0)


def watched(*outcomes: Outcome | None) -> CallWatch:
    watch = CallWatch()
    watch.on_event(CallStarted(**CALL))
    watch.on_event(AttemptStarted(**CALL, request_id="r-1", attempt=1))
    watch.on_event(AttemptStarted(**CALL, request_id="q-1", attempt=1, resolves="c"))
    for outcome in outcomes:
        watch.on_event(ended(outcome))
    return watch


@pytest.mark.parametrize(
    ("watch", "outcome", "told"),
    [
        (CallWatch(), "not sent", "nothing has reached the platform."),
        (watched(), "unknown", "nobody knows whether it took effect (request id r-1)."),
        (watched(Outcome.NOT_SENT), "not sent", "nothing has reached the platform"),
        (watched(Outcome.REFUSED), "refused", "the platform refused it"),
        (watched(None), "done", "the platform accepted it (request id r-1)."),
    ],
)
def test_a_signal_does_not_hide_the_outcome(
    capsys: pytest.CaptureFixture[str], watch: CallWatch, outcome: str, told: str
) -> None:
    with pytest.raises(SystemExit) as exited, call_failures(ASKED, watch, "en", as_json=True):
        raise Stopped(signal.SIGTERM)
    assert exited.value.code == 143
    printed = capsys.readouterr()
    assert json.loads(printed.out)["outcome"] == outcome
    assert printed.err.startswith(f"Stopped by SIGTERM: {told}")


def test_a_second_ctrl_c_tells_it_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    for watch, told in ((watched(Outcome.UNKNOWN), "被 SIGINT 中止：尚不清楚"), (CallWatch(), "")):
        with pytest.raises(SystemExit) as exited, call_failures(ASKED, watch, "zh", as_json=False):
            raise KeyboardInterrupt
        assert exited.value.code == 130
        assert capsys.readouterr().err.startswith(told)


def test_a_signer_that_fails(capsys: pytest.CaptureFixture[str]) -> None:
    error = SigningError("the key service is away")
    with pytest.raises(SystemExit) as exited, call_failures(ASKED, watched(), "zh", as_json=True):
        raise error
    assert exited.value.code == 4
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {
        "outcome": "not sent",
        "error": "SigningError",
        "is_repeatable": True,
        "attempts": 1,
        "reason": "the key service is away",
    }
    assert printed.err == (
        "签名失败：the key service is away（结果：未送达）\n可以重新执行同一命令。\n"
    )
