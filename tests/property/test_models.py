"""Any text survives on its way to the wire, and no answer is lost on its way back."""

import datetime
import unicodedata
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alipay_mini_audit.errors import ValidationError
from alipay_mini_audit.models import (
    ApplyReply,
    AuditApply,
    BuildStatus,
    CancelReply,
    ReplyMeta,
    TokenInfo,
    VersionDetail,
    VersionList,
    VersionReply,
    VersionSummary,
    read_model,
)

META = ReplyMeta(request_id="r", trace_id=None, http_status=200)
LINE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)
MODELS = [ApplyReply, CancelReply, VersionDetail, VersionReply, BuildStatus, TokenInfo]
FIELDS = {name for model in (*MODELS, VersionSummary) for name in attrs.fields_dict(model)}
NAMES = st.sampled_from(sorted(FIELDS)) | st.text(max_size=8)
REPLIES = st.dictionaries(NAMES, JSON, max_size=6)


@given(LINE)
def test_a_usable_text_is_sent_as_it_is(text: str) -> None:
    for field, wire in (
        ("app_name", "app_name"),
        ("memo", "memo"),
        ("test_account", "test_accout"),
    ):
        assert AuditApply(**{field: text}).to_wire() == {wire: text}  # type: ignore[arg-type]


@given(st.text(), st.characters(categories=["Cc", "Cs"]), st.text())
def test_a_character_that_no_header_or_field_can_carry_is_refused(
    before: str, character: str, after: str
) -> None:
    text = before + character + after
    with pytest.raises(ValidationError) as caught:
        AuditApply(app_version=text)
    assert [problem.path for problem in caught.value.problems] == ["app_version"]
    first = next(i for i, found in enumerate(text) if unicodedata.category(found) in ("Cc", "Cs"))
    assert f"at position {first}." in str(caught.value)


@given(st.dates())
def test_a_date_is_sent_as_ten_characters(date: datetime.date) -> None:
    expected = f"{date.year:04}-{date.month:02}-{date.day:02}"
    assert AuditApply(license_valid_date=date).to_wire() == {"license_valid_date": expected}


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=6))
def test_a_secret_is_never_printed(text: str) -> None:
    secret = f"canary-{text}"
    fields: dict[str, Any] = dict.fromkeys(
        ["license_name", "license_no", "test_account", "test_password"], secret
    )
    assert "canary" not in repr(AuditApply(**fields, extra={"newer": secret}))


@pytest.mark.parametrize("model", MODELS)
@given(body=REPLIES)
def test_every_answer_is_read_and_nothing_of_it_is_lost(
    model: Any, body: dict[str, object]
) -> None:
    reply = read_model(model, body, META)
    assert reply.meta is META
    for name, value in body.items():
        if name in ("extra", "meta") or name not in attrs.fields_dict(model):
            assert reply.extra[name] == value
        elif value is not None:
            assert (getattr(reply, name) is None) == (name in reply.extra)
            assert reply.extra.get(name, value) == value
    assert set(reply.extra) <= set(body)


@given(st.lists(REPLIES, max_size=4))
def test_every_row_of_a_list_is_read_and_nothing_of_it_is_lost(
    rows: list[dict[str, object]],
) -> None:
    found = read_model(VersionList, {"app_version_infos": rows}, META)
    assert found.extra == {}
    assert len(found.versions) == len(rows)
    for read, row in zip(found.versions, rows, strict=True):
        for name, value in row.items():
            if name == "extra" or name not in attrs.fields_dict(VersionSummary):
                assert read.extra[name] == value
            elif value is not None:
                assert (getattr(read, name) is None) == (name in read.extra)


EARLIEST = datetime.datetime(1990, 1, 1)  # noqa: DTZ001  # a wall clock's time has no zone
LATEST = datetime.datetime(2100, 1, 1)  # noqa: DTZ001


@given(st.datetimes(min_value=EARLIEST, max_value=LATEST))
def test_a_time_is_the_wall_clock_of_beijing(time: datetime.datetime) -> None:
    date = f"{time.year}-{time.month:02}-{time.day:02}"
    text = f"{date} {time.hour:02}:{time.minute:02}:{time.second:02}"
    read = read_model(VersionDetail, {"gmt_online": text}, META).gmt_online
    assert read is not None
    utc = time.replace(microsecond=0, tzinfo=datetime.UTC) - datetime.timedelta(hours=8)
    assert read == utc
