"""The bar over the bytes of an upload."""

import io
import sys

import pytest

from alipay_mini_audit.cli.calls.progress import upload_bar
from alipay_mini_audit.events import AttemptStarted, BytesSent, RequestSent, RetryScheduled

CALL = {
    "call_id": "c",
    "operation": "apply",
    "method": "POST",
    "path": "/v3/x",
    "request_id": "r",
}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    stderr = Terminal()
    monkeypatch.setattr(sys, "stderr", stderr)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "60")
    return stderr


def test_it_shows_how_far_the_upload_has_come(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = terminal(monkeypatch)
    with upload_bar("en", 3 * 1024 * 1024, shown=True) as (bar,):
        # The screen is drawn ten times a second; what it would show is asked for here.
        progress = bar._progress  # type: ignore[attr-defined]
        for event, told in (
            (AttemptStarted(**CALL, attempt=1), "Sending"),
            (BytesSent(**CALL, attempt=1, sent=1024 * 1024, total=4 * 1024 * 1024), "1.0/4.0 MiB"),
            (RetryScheduled(**CALL, attempt=1, delay=2.0), "Again in 2 s"),
            (AttemptStarted(**CALL, attempt=2), "Sending, attempt 2"),
            (RequestSent(**CALL, attempt=2, elapsed=1.0), "Waiting for the answer"),
            (AttemptStarted(**CALL, resolves="c", attempt=1), "Asking whether it arrived"),
        ):
            bar.on_event(event)
            progress.refresh()
            assert told in stderr.getvalue()
            stderr.seek(0)
            stderr.truncate()
    assert stderr.getvalue().endswith("\x1b[1A\x1b[2K"), "the line is gone"


def test_nothing_is_shown_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = terminal(monkeypatch)
    with upload_bar("en", 1, shown=False) as bars:
        assert bars == ()
    monkeypatch.setattr(sys, "stderr", pipe := io.StringIO())
    with upload_bar("en", 1, shown=True) as bars:
        assert bars == ()
    assert (stderr.getvalue(), pipe.getvalue()) == ("", "")
