"""How a reply is read: every documented field, and what happens to the others."""

import datetime

import attrs
import pytest

from alipay_mini_audit.models import (
    ApplyReply,
    AuditRecord,
    CancelReply,
    Category,
    Memo,
    PackageInfo,
    RegionInfo,
    ReplyMeta,
    VersionDetail,
    read_fields,
    read_model,
)

META = ReplyMeta(request_id="r-1", trace_id="t-1", http_status=200)
TEXTS = [
    "app_version",
    "app_name",
    "app_english_name",
    "app_logo",
    "app_slogan",
    "app_desc",
    "version_desc",
    "memo",
    "service_phone",
    "service_email",
    "service_region_type",
    "scan_result",
    "reject_reason",
    "gray_strategy",
    "base_audit",
    "promote_audit",
]
TIMES = ["gmt_create", "gmt_apply_audit", "gmt_audit_end", "gmt_online", "gmt_offline"]
RECORD = {
    "audit_images": ["https://e.org/1.png"],
    "memos": [{"memo": "改名", "memo_image_list": ["https://e.org/2.png"]}, {"memo": "x"}],
}
CATEGORY = {
    "first_category_id": "XS1001",
    "first_category_name": "餐饮",
    "second_category_id": "XS2001",
    "second_category_name": "咖啡",
    "third_category_id": "XS3001",
    "third_category_name": "外带",
}
PACKAGE = {
    "package_name": "base",
    "package_desc": "d",
    "doc_url": "https://e.org",
    "status": "OPEN",
    "package_open_type": "AUTO",
}
PLACE = {
    "province_code": "310000",
    "province_name": "上海市",
    "city_code": "310100",
    "city_name": "市辖区",
    "area_code": "310101",
    "area_name": "黄浦区",
}
READ_RECORD = AuditRecord(
    audit_images=["https://e.org/1.png"],
    memos=[Memo(memo="改名", memo_image_list=["https://e.org/2.png"]), Memo(memo="x")],
)
STRUCTURES: list[tuple[str, object, object]] = [
    ("service_region_info", [PLACE, {}], [RegionInfo(**PLACE), RegionInfo()]),
    ("screen_shot_list", ["https://e.org/1.png", "u"], ["https://e.org/1.png", "u"]),
    ("mini_app_category_info_list", [CATEGORY], [Category(**CATEGORY)]),
    ("mini_category_info_list", [CATEGORY, {}], [Category(**CATEGORY), Category()]),
    ("package_info_list", [PACKAGE], [PackageInfo(**PACKAGE)]),
    ("base_audit_record", RECORD, READ_RECORD),
    ("promote_audit_record", RECORD, READ_RECORD),
]


def detail(**body: object) -> VersionDetail:
    return read_model(VersionDetail, body, META)


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_read(name: str) -> None:
    read = detail(**{name: "文字"})
    assert getattr(read, name) == "文字"
    assert read.extra == {}


def test_half_a_character_where_a_text_was_cut_is_replaced() -> None:
    read = detail(reject_reason="模糊\ud83d", promote_audit_record={"memos": [{"memo": "\udc00"}]})
    assert read.reject_reason == "模糊\ufffd"
    assert read.promote_audit_record is not None
    assert read.promote_audit_record.memos[0].memo == "\ufffd"
    assert detail(reject_reason="模糊\U0001f600").reject_reason == "模糊\U0001f600"


@pytest.mark.parametrize("name", TIMES)
def test_a_time_is_read_as_beijing_time(name: str) -> None:
    read = detail(**{name: "2026-03-04 05:06:07"})
    time = getattr(read, name)
    assert time == datetime.datetime(2026, 3, 3, 21, 6, 7, tzinfo=datetime.UTC)
    assert time.utcoffset() == datetime.timedelta(hours=8)
    assert read.extra == {}


@pytest.mark.parametrize(
    ("name", "value", "expected"), STRUCTURES, ids=[name for name, _, _ in STRUCTURES]
)
def test_a_structure_is_read(name: str, value: object, expected: object) -> None:
    read = detail(**{name: value})
    assert getattr(read, name) == expected
    assert read.extra == {}


@pytest.mark.parametrize(
    ("value", "expected"), [("true", True), ("false", False), (True, True), ("TRUE", True)]
)
def test_a_flag_is_read_as_text_or_as_json(value: object, expected: bool) -> None:
    assert detail(can_release=value).can_release is expected
    assert read_model(ApplyReply, {"speed_up": value}, META).speed_up is expected


def test_an_unknown_status_stays_a_text() -> None:
    read = detail(status="NEW_STATUS")
    assert read.status == "NEW_STATUS"
    assert type(read.status) is str


def test_what_is_missing_or_null_is_none() -> None:
    for read in (
        detail(),
        detail(app_name=None, gmt_online=None, screen_shot_list=None, base_audit_record=None),
    ):
        values = {
            name: value
            for name, value in attrs.asdict(read).items()
            if name not in ("extra", "meta")
        }
        assert set(values.values()) == {None}
        assert read.extra == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("app_name", 5),
        ("app_name", ["a"]),
        ("status", 5),
        ("can_release", "maybe"),
        ("can_release", 1),
        ("gmt_create", "yesterday"),
        ("gmt_create", 1700000000000),
        ("gmt_create", "2026-03-04"),
        ("gmt_create", "2026-13-04 05:06:07"),
        ("screen_shot_list", "https://e.org/1.png"),
        ("screen_shot_list", {"first": "https://e.org/1.png"}),
        ("screen_shot_list", [1]),
        ("screen_shot_list", 5),
        ("service_region_info", PLACE),
        ("service_region_info", ["310000"]),
        ("service_region_info", [{"province_code": 310000}]),
        ("mini_category_info_list", "XS1001"),
        ("mini_category_info_list", ["XS1001"]),
        ("mini_category_info_list", [["XS1001"]]),
        ("mini_category_info_list", [None]),
        ("package_info_list", {}),
        ("base_audit_record", "ok"),
        ("base_audit_record", ["ok"]),
        ("base_audit_record", {"audit_images": "https://e.org/1.png"}),
        ("base_audit_record", {"memos": [{"memo": 5}]}),
        ("promote_audit_record", {"memos": ["text"]}),
    ],
)
def test_a_field_of_another_shape_is_kept_as_it_came(name: str, value: object) -> None:
    read = detail(**{name: value, "app_version": "1"})
    assert getattr(read, name) is None
    assert read.extra == {name: value}
    assert read.app_version == "1"


def test_an_unknown_field_is_kept_as_it_came() -> None:
    body = {"new": [1, {"a": None}], "null": None, "extra": "e", "meta": {"m": 1}}
    assert detail(**body).extra == body
    assert read_model(CancelReply, body, META).extra == body
    assert read_model(ApplyReply, body, META).extra == body


def test_an_apply_reply_is_read() -> None:
    body = {"speed_up": "true", "speed_up_memo": "加速审核", "other": 1}
    assert read_model(ApplyReply, body, META) == ApplyReply(
        speed_up=True, speed_up_memo="加速审核", extra={"other": 1}, meta=META
    )


def test_an_empty_reply_is_read() -> None:
    assert read_model(ApplyReply, {}, META) == ApplyReply(
        speed_up=None, speed_up_memo=None, extra={}, meta=META
    )
    assert read_model(CancelReply, {}, META) == CancelReply(extra={}, meta=META)


def test_an_apply_reply_of_another_shape_is_kept_as_it_came() -> None:
    reply = read_model(ApplyReply, {"speed_up": "perhaps", "speed_up_memo": 5}, META)
    assert (reply.speed_up, reply.speed_up_memo) == (None, None)
    assert reply.extra == {"speed_up": "perhaps", "speed_up_memo": 5}


def test_a_reply_keeps_the_facts_of_its_call() -> None:
    assert detail().meta is META


def test_what_is_left_out_stays_among_the_others() -> None:
    body = {"speed_up_memo": "x", "speed_up": "true", "later": 1}
    known, extra = read_fields(ApplyReply, body, but=("speed_up", "extra", "meta"))
    assert (known, extra) == ({"speed_up_memo": "x"}, {"speed_up": "true", "later": 1})
