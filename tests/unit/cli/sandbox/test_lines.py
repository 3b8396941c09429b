import json

import pytest

from alipay_mini_audit.cli.sandbox.lines import delivery_line, json_line, plain_line
from alipay_mini_audit.sandbox import Delivery, ReceivedPart, RequestRecord

NOW = 1_704_038_400.0
PART = ReceivedPart(
    name="app_logo", filename="标 \ud800.png", content_type=None, size=7, sha256="ab"
)


def record(**values: object) -> RequestRecord:
    given: dict[str, object] = {"operation": "apply", "method": "POST", "path": "/p", "status": 200}
    times = {"time": NOW, "platform_time": NOW + 700}
    return RequestRecord(call=1, **(times | given | values))  # type: ignore[arg-type]


def test_a_plain_line_tells_what_there_is() -> None:
    assert plain_line(record(app_version="0.0.1", parts=(PART,), seconds=0.0456)) == (
        "16:00:00Z  apply  0.0.1  200  1 file, 7 bytes  0.046 s"
    )
    assert plain_line(record(status=400, code="SUBMIT_REPEAT", parts=(PART, PART))) == (
        "16:00:00Z  apply  400  SUBMIT_REPEAT  2 files, 14 bytes  0.000 s"
    )
    assert plain_line(record(status=None, fault="HANG")) == (
        "16:00:00Z  apply  no answer  [HANG]  0.000 s"
    )
    assert plain_line(record(operation=None, method="GET", path="/x")) == (
        "16:00:00Z  GET /x  200  0.000 s"
    )


def test_a_plain_line_speaks_chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIPAY_MINI_AUDIT_LANG", "zh")
    assert plain_line(record(app_version="0.0.1", parts=(PART, PART), seconds=0.0456)) == (
        "16:00:00Z  apply  0.0.1  200  2 个文件，14 字节  0.046 秒"
    )
    assert plain_line(record(status=None, fault="HANG")) == (
        "16:00:00Z  apply  无应答  [HANG]  0.000 秒"
    )


def test_strangers_cannot_write_on_the_terminal() -> None:
    line = plain_line(record(operation=None, path="/\x1b[2J\n\ud800" + "x" * 100, app_version="\r"))
    assert line.isprintable()
    assert len(line) < 120


def test_a_line_of_json_is_one_line_of_ascii() -> None:
    line = json_line(record(app_version="1\n2", parts=(PART,)))
    assert line.isascii()
    assert "\n" not in line
    found = json.loads(line)
    assert found["time"] == "2023-12-31T16:00:00.000+00:00"
    assert found["platform_time"] == "2023-12-31T16:11:40.000+00:00"
    assert found["app_version"] == "1\n2"
    assert found["parts"] == [
        {"name": "app_logo", "filename": "标 \ud800.png", "size": 7, "sha256": "ab"}
    ]


def delivery(**values: object) -> Delivery:
    given: dict[str, object] = {
        "name": "alipay.open.mini.version.audit.passed",
        "notify_id": "20240101ab",
        "attempt": 1,
        "time": NOW,
        "status": 200,
    }
    return Delivery(**(given | values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "english", "chinese"),
    [
        (
            {"app_version": "1.0.0", "answer": b"success", "counted": True},
            "told  audit.passed  1.0.0  attempt 1  200  arrived",
            "通知  audit.passed  1.0.0  第 1 次  200  已送达",
        ),
        (
            {"attempt": 3, "answer": b"<h1>\n", "mischief": ("late", "duplicate")},
            "told  audit.passed  attempt 3  200  not success: <h1>  [late, duplicate]",
            "通知  audit.passed  第 3 次  200  应答不是 success：<h1>  [late, duplicate]",
        ),
        (
            {"name": "open_app_auth_notify", "status": None, "problem": "timeout"},
            "told  open_app_auth_notify  attempt 1  no answer in time",
            "通知  open_app_auth_notify  第 1 次  应答超时",
        ),
        (
            {"status": None, "problem": "connection"},
            "told  audit.passed  attempt 1  no answer",
            "通知  audit.passed  第 1 次  无应答",
        ),
        (
            {"status": None, "problem": "closed"},
            "told  audit.passed  attempt 1  the sandbox was closed",
            "通知  audit.passed  第 1 次  沙箱已关闭",
        ),
        (
            {"status": None, "mischief": ("lost",)},
            "told  audit.passed  attempt 1  not sent  [lost]",
            "通知  audit.passed  第 1 次  未发送  [lost]",
        ),
    ],
)
def test_a_line_tells_what_became_of_a_notification(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, object], english: str, chinese: str
) -> None:
    assert delivery_line(delivery(**values)) == f"16:00:00Z  {english}"
    monkeypatch.setenv("ALIPAY_MINI_AUDIT_LANG", "zh")
    assert delivery_line(delivery(**values)) == f"16:00:00Z  {chinese}"


def test_receivers_cannot_write_on_the_terminal() -> None:
    line = delivery_line(delivery(answer=b"\x1b[2J\r\n\xff" + b"x" * 57, app_version="\x07"))
    assert line.isprintable()
    assert len(line) < 160


def test_a_line_of_json_tells_of_a_notification_in_ascii() -> None:
    line = json_line(delivery(answer=b"\xff\n", mischief=("late",)))
    assert line.isascii()
    assert json.loads(line) == {
        "notification": "alipay.open.mini.version.audit.passed",
        "notify_id": "20240101ab",
        "app_version": None,
        "attempt": 1,
        "time": "2023-12-31T16:00:00.000+00:00",
        "status": 200,
        "answer": "\\xff\n",
        "counted": False,
        "problem": None,
        "mischief": ["late"],
    }
