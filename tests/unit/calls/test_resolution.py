"""What a version's state proves, as tables."""

import datetime
from collections.abc import Mapping

import pytest

from alipay_mini_audit.calls.call import CallSpec
from alipay_mini_audit.calls.resolution import Claim, has_landed, is_about, question_about
from alipay_mini_audit.models import ReplyMeta, VersionDetail
from alipay_mini_audit.protocol import APPLY, CANCEL, DETAIL, Operation

SINCE = datetime.datetime(2026, 11, 24, 2, 0, 0, tzinfo=datetime.UTC)
META = ReplyMeta(request_id="r", trace_id=None, http_status=200)
ABOUT = {"app_version": "1.0.0"}
APPLIED = Claim(operation=APPLY, about=ABOUT, fields={"version_desc": "caf\u00e9  one"})


def at(seconds: float | None) -> datetime.datetime | None:
    return None if seconds is None else SINCE + datetime.timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("operation", "status", "seconds", "expected"),
    [
        (APPLY, "INIT", None, False),
        (APPLY, "INIT", -9999, False),
        (APPLY, "INIT", 0, None),  # submitted since, and withdrawn by somebody
        (APPLY, "AUDITING", 0, True),
        (APPLY, "AUDITING", 5, True),
        (APPLY, "AUDITING", -2, True),
        (APPLY, "AUDITING", -3, None),
        (APPLY, "AUDITING", None, None),
        (APPLY, "WAIT_RELEASE", 30, True),
        (APPLY, "SOMETHING_NEW", 30, True),
        (APPLY, "AUDIT_REJECT", -86400, None),
        (APPLY, None, 0, None),
        (CANCEL, "INIT", 0, True),
        (CANCEL, "INIT", None, True),
        (CANCEL, "AUDITING", -1, False),
        (CANCEL, "AUDITING", 0, None),  # another submission: sending it again would withdraw that
        (CANCEL, "AUDITING", None, None),
        (CANCEL, "WAIT_RELEASE", 0, None),
        (CANCEL, "SOMETHING_NEW", 0, None),
        (DETAIL, "INIT", 0, None),
    ],
)
def test_the_platforms_answer_says_whether_a_call_landed(
    operation: Operation, status: str | None, seconds: int | None, expected: bool | None
) -> None:
    claim = Claim(operation=operation, about=ABOUT)
    detail = VersionDetail(
        app_version="1.0.0", status=status, gmt_apply_audit=at(seconds), meta=META
    )
    assert has_landed(claim, detail, SINCE) is expected


@pytest.mark.parametrize(
    ("operation", "status", "seconds", "expected"),
    [
        (APPLY, "INIT", None, False),
        (APPLY, "INIT", 0, None),
        (APPLY, "AUDITING", 0, None),
        (CANCEL, "INIT", 0, True),
        (CANCEL, "AUDITING", -9, None),
    ],
)
def test_without_the_platforms_clock_less_is_proved(
    operation: Operation, status: str, seconds: int | None, expected: bool | None
) -> None:
    claim = Claim(operation=operation, about=ABOUT)
    detail = VersionDetail(
        app_version="1.0.0", status=status, gmt_apply_audit=at(seconds), meta=META
    )
    assert has_landed(claim, detail, None) is expected


@pytest.mark.parametrize("operation", [APPLY, CANCEL])
@pytest.mark.parametrize("status", ["INIT", "AUDITING"])
@pytest.mark.parametrize("version", [None, "9.9.9", ""])
def test_an_answer_about_another_version_proves_nothing(
    operation: Operation, status: str, version: str | None
) -> None:
    claim = Claim(operation=operation, about=ABOUT)
    detail = VersionDetail(app_version=version, status=status, gmt_apply_audit=at(0), meta=META)
    assert has_landed(claim, detail, SINCE) is None


@pytest.mark.parametrize(
    ("about", "answered", "extra", "expected"),
    [
        (ABOUT, "1.0.0", {}, True),
        (ABOUT, None, {}, True),
        (ABOUT, "1.0.1", {}, False),
        ({**ABOUT, "bundle_id": "a.b"}, "1.0.0", {}, True),
        ({**ABOUT, "bundle_id": "a.b"}, "1.0.0", {"bundle_id": "a.b"}, True),
        ({**ABOUT, "bundle_id": "a.b"}, "1.0.0", {"bundle_id": "c.d"}, False),
        (ABOUT, "1.0.0", {"bundle_id": "c.d"}, True),
    ],
)
def test_an_answer_is_about_what_it_says_it_is_about(
    about: Mapping[str, str], answered: str | None, extra: Mapping[str, object], expected: bool
) -> None:
    detail = VersionDetail(app_version=answered, extra=extra, meta=META)
    assert is_about(detail, about) is expected


@pytest.mark.parametrize(
    ("version_desc", "memo", "expected"),
    [
        (None, None, True),
        ("", None, True),
        ("caf\u00e9 one", None, True),
        (" cafe\u0301\tone ", "remark", True),  # another normal form, other white space
        ("cafe one", None, None),
        ("somebody else's", None, None),
    ],
)
def test_a_submission_with_other_texts_is_somebody_elses(
    version_desc: str | None, memo: str | None, expected: bool | None
) -> None:
    detail = VersionDetail(
        app_version="1.0.0",
        status="AUDITING",
        version_desc=version_desc,
        memo=memo,
        gmt_apply_audit=at(1),
        meta=META,
    )
    assert has_landed(APPLIED, detail, SINCE) is expected


def test_there_is_a_question_only_about_a_call_that_names_its_version() -> None:
    assert question_about(Claim(operation=CANCEL, about={})) is None
    assert question_about(Claim(operation=DETAIL, about=ABOUT)) is None
    question = question_about(Claim.of(CallSpec(operation=CANCEL, about=ABOUT)))
    assert question is not None
    assert (question.operation, dict(question.query)) == (DETAIL, ABOUT)
