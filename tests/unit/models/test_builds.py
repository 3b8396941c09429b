"""How far a build is, by the stages of the schema."""

import pytest

from alipay_mini_audit import BuildStage, BuildStatus, ReplyMeta
from alipay_mini_audit.models import read_model

META = ReplyMeta(request_id="r-1", trace_id=None, http_status=200)


def read(**fields: object) -> BuildStatus:
    return read_model(BuildStatus, fields, META)


@pytest.mark.parametrize(
    ("build", "create", "usable", "failed"),
    [
        ("0", "0", False, False),
        ("1", "1", False, False),
        ("2", "1", False, False),
        ("2", "2", False, False),  # built, but there is no version yet
        ("2", "6", True, False),
        ("3", "0", False, True),
        ("5", "0", False, True),
        ("2", "3", False, True),
        ("2", "5", False, True),
        ("9", "9", False, False),
        ("6", None, False, False),
        (None, None, False, False),
    ],
)
def test_only_a_created_version_is_usable(
    build: str | None, create: str | None, usable: bool, failed: bool
) -> None:
    found = read(build_status=build, create_status=create, version_created="true")
    assert (found.is_usable, found.has_failed) == (usable, failed)


@pytest.mark.parametrize(
    ("wire", "stage"),
    [
        ("6", BuildStage.CREATED),
        ('"6"', BuildStage.CREATED),
        (6, BuildStage.CREATED),
        (" 5 ", BuildStage.TIMED_OUT),
        ("4", "4"),
        ("QUEUED", "QUEUED"),
    ],
)
def test_a_stage_may_be_quoted_or_a_number(wire: object, stage: str) -> None:
    found = read(create_status=wire).create_status
    assert found == stage
    assert type(found) is type(stage)


@pytest.mark.parametrize("odd", [True, 6.0, ["6"], {}])
def test_what_is_no_stage_is_kept_as_it_came(odd: object) -> None:
    found = read(create_status=odd)
    assert (found.create_status, found.extra) == (None, {"create_status": odd})


@pytest.mark.parametrize(
    ("wire", "value"),
    [
        ("true", True),
        ('"true"', True),
        ("True", True),
        (True, True),
        ('"false"', False),
        ("FALSE", False),
        (False, False),
    ],
)
def test_a_flag_may_have_quotation_marks_of_its_own(wire: object, value: bool) -> None:
    found = read(need_rotation=wire, version_created=wire)
    assert found.need_rotation is value
    assert found.version_created is value


@pytest.mark.parametrize("odd", ["", '"', "yes", 1, "null"])
def test_what_is_no_flag_is_kept_as_it_came(odd: object) -> None:
    assert read(need_rotation=odd).extra == {"need_rotation": odd}
