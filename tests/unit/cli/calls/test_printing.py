"""Values of a reply as lines of text, and as JSON."""

import datetime
import io
import json

import pytest

from alipay_mini_audit.cli.calls.detail import print_detail
from alipay_mini_audit.cli.calls.printing import as_json, lines_of, print_rows
from alipay_mini_audit.cli.calls.statuses import status_text
from alipay_mini_audit.models import (
    AuditRecord,
    Category,
    Memo,
    RegionInfo,
    ReplyMeta,
    VersionDetail,
    VersionStatus,
)

TIME = datetime.datetime(
    2026, 11, 26, 8, 0, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=8))
)
RECORD = AuditRecord(
    audit_images=["https://a.example/1.png"],
    memos=[Memo(memo="The logo is blurred.", memo_image_list=["https://a.example/2.png"])],
)
DETAIL = VersionDetail(
    app_version="0.0.1",
    status=VersionStatus.AUDIT_REJECT,
    version_desc="one\ntwo\x1b[31m",
    service_region_info=[RegionInfo(province_code="330000", province_name="浙江省")],
    mini_category_info_list=[Category(first_category_id="XS1001", first_category_name="餐饮")],
    gmt_create=TIME,
    can_release=False,
    base_audit_record=RECORD,
    extra={"license_no": "LIC-77", "test_password": "pw-77", "brand_new": [1]},
    meta=ReplyMeta(request_id="r", trace_id="t", http_status=200),
)


def test_each_value_has_its_lines() -> None:
    assert lines_of(None) == []
    assert lines_of(TIME) == ["2026-11-26 08:00:01 +0800"]
    assert lines_of(VersionStatus.GRAY) == ["GRAY"]
    assert lines_of(["a", "b"]) == ["a", "b"]
    assert lines_of(RECORD) == [
        "https://a.example/1.png",
        "The logo is blurred.",
        "https://a.example/2.png",
    ]
    assert lines_of(DETAIL.service_region_info) == ["330000 · 浙江省"]


def test_json_has_everything_but_secrets() -> None:
    found = json.loads(json.dumps(as_json(DETAIL)))
    assert found["extra"] == {"brand_new": [1]}
    assert found["gmt_create"] == "2026-11-26T08:00:01+08:00"
    assert found["base_audit_record"]["memos"][0]["memo"] == "The logo is blurred."
    assert found["status"] == "AUDIT_REJECT"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_detail_is_printed_line_by_line(
    capsys: pytest.CaptureFixture[str], language: str
) -> None:
    print_detail(DETAIL, language)
    printed = capsys.readouterr().out
    for text in ("AUDIT_REJECT", "https://a.example/2.png", "XS1001 · 餐饮", "brand_new"):
        assert text in printed
    assert "\x1b" not in printed
    assert "LIC-77" not in printed
    assert "pw-77" not in printed
    assert ("status: AUDIT_REJECT (rejected)" in printed) == (language == "en")
    assert ("状态：AUDIT_REJECT（审核驳回）" in printed) == (language == "zh")


def test_a_terminal_gets_links_that_can_be_clicked(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.delenv("NO_COLOR", raising=False)
    output = Terminal()
    link = "https://a.example/" + "x" * 60
    print_rows([("logo", [link]), ("nothing", [])], "en", output)
    assert f";{link}\x1b\\" in output.getvalue()
    assert "nothing" not in output.getvalue()


def test_a_status_that_is_new_is_told_as_it_is() -> None:
    assert status_text("FROZEN", "zh") == "FROZEN"
    assert {status_text(each, "en") for each in VersionStatus}.isdisjoint(VersionStatus)
