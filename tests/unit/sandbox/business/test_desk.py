import pytest
from support.sandbox_files import png

from alipay_mini_audit.sandbox.business.contents import Content
from alipay_mini_audit.sandbox.business.decisions import Decision
from alipay_mini_audit.sandbox.business.desk import Desk
from alipay_mini_audit.sandbox.business.versions import Versions
from alipay_mini_audit.sandbox.protocol.refusals import Refusal

NOW = 1_704_038_400.0
FIELDS = {"app_version": "1.0.0", "version_desc": "The first version of it, for all."}
BASICS = {
    "app_name": "咖啡馆",
    "app_english_name": "cafe",
    "app_slogan": "每天一杯好咖啡",
    "app_desc": "点单、外卖、会员积分都在这里",
    "mini_category_ids": "XS1",
    "service_phone": "0571-88888888",
    "region_type": "CHINA",
}


def look(data: bytes) -> Content:
    found = Content()
    found.feed(data)
    found.end()
    return found


class Scene:
    """A desk, its versions, and one owner."""

    def __init__(
        self,
        *,
        strict: bool = True,
        basic_info: bool = True,
        templates: dict[str, str] | None = None,
    ) -> None:
        self.versions = Versions(NOW)
        self.desk = Desk(
            self.versions, strict=strict, basic_info=basic_info, templates=templates or {}
        )

    def code(
        self, version: str = "1.0.0", files: dict[str, bytes] | None = None, **fields: object
    ) -> str | None:
        contents = {name: look(data) for name, data in (files or {}).items()}
        try:
            self.desk.apply(
                "owner", "token", FIELDS | {"app_version": version} | fields, contents, NOW
            )
        except Refusal as refusal:
            return refusal.code
        return None

    def decide(self, version: str, status: str) -> None:
        state = self.versions.find("owner", {"app_version": version})
        self.versions.decide("owner", state, Decision(status=status), NOW)


def test_types_come_first_then_fields_then_files_then_the_state() -> None:
    scene = Scene()
    assert scene.code() is None
    wrong = {"app_logo": b"GIF89a"}
    assert scene.code(files=wrong, memo="d" * 501, app_name=7) == "INVALID_PARAMETER"
    assert scene.code(files=wrong, memo="d" * 501) == "INVALID_MINI_APP_MEMO_LENGTH"
    assert scene.code(files=wrong) == "INVALID_LOGO_EXT"
    assert scene.code(license_valid_date="2023-12-31") == "LICENSE_VALID_DATE_IS_INVALID"
    assert scene.code(license_valid_date="2024-01-01") == "SUBMIT_REPEAT"


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("AUDITING", "CAN_NOT_SUBMIT_WITH_AUDIT"),
        ("WAIT_RELEASE", "CAN_NOT_SUBMIT_WITH_AUDIT_GRAY"),
        ("AUDIT_REJECT", "CAN_NOT_SUBMIT_WITH_AUDIT_GRAY"),
        ("GRAY", "CAN_NOT_SUBMIT_WITH_AUDIT_GRAY"),
        ("RELEASE", None),
        ("INIT", None),
        ("OFFLINE", None),
    ],
)
def test_one_version_stands_in_the_way_of_the_next(status: str, code: str | None) -> None:
    scene = Scene()
    assert scene.code() is None
    scene.decide("1.0.0", status)
    assert scene.code("1.0.1") == code
    assert scene.code("1.0.1", bundle_id="com.alipay.iot.xpaas") is None
    other = FIELDS | {"app_version": "1.0.1"}
    assert scene.desk.apply("another", None, other, {}, NOW).status == "AUDITING"


def test_the_version_itself_comes_before_the_others() -> None:
    scene = Scene()
    scene.decide("1.0.0", "AUDIT_REJECT")
    scene.decide("1.0.1", "AUDITING")
    assert scene.code("1.0.0") == "CAN_NOT_SUBMIT_WITHOUT_INIT"
    assert scene.code("1.0.1") == "SUBMIT_REPEAT"


def test_basic_information_is_brought_once_by_each_mini_program() -> None:
    scene = Scene(basic_info=False)
    logo = {"app_logo": png(180, 180)}
    assert scene.code() == "APP_NAME_IS_BLANK"
    assert scene.code(**BASICS) == "LOGO_IS_BLANK"
    assert scene.code(files={"app_logo": b"GIF"}, **BASICS) == "INVALID_LOGO_EXT"
    assert scene.code() == "APP_NAME_IS_BLANK"
    assert scene.code(files=logo, **BASICS) is None
    scene.decide("1.0.0", "RELEASE")
    assert scene.code("1.0.1") is None
    assert scene.code(bundle_id="com.alipay.iot.xpaas") == "APP_NAME_IS_BLANK"


def test_a_template_is_counted_only_for_what_is_accepted() -> None:
    scene = Scene(templates={"token": "t1"})
    for number in range(5):
        assert scene.code(f"1.0.{number}") is None
        assert scene.code(f"1.0.{number}") == "SUBMIT_REPEAT"
        scene.decide(f"1.0.{number}", "RELEASE")
    assert scene.code("1.0.5") == "SYSTEM_LIMIT"
    state = scene.versions.find("owner", {"app_version": "1.0.5"})
    assert state.status == "INIT"


def test_without_rules_only_types_and_the_version_are_judged() -> None:
    scene = Scene(strict=False, basic_info=False)
    toys = {"first_screen_shot": b"x"}
    assert scene.code(files=toys, version_desc="first", app_name="?") is None
    assert scene.code("2", files=toys) is None
    assert scene.code("2") == "SUBMIT_REPEAT"
    assert scene.code("3", memo=7) == "INVALID_PARAMETER"
    assert scene.code("3", version_desc=" ") == "VERSION_DESC_IS_BLANK"


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize(
    "wrong",
    [
        {"app_version": 1},
        {"auto_online": True},
        {"service_region_info": {}},
        {"service_region_info": [1]},
    ],
)
def test_wrong_types_are_refused(wrong: dict[str, object], *, strict: bool) -> None:
    fields = FIELDS | wrong
    with pytest.raises(Refusal, match=r"^INVALID_PARAMETER: "):
        Scene(strict=strict).desk.apply("owner", None, fields, {}, NOW)


def test_a_new_start_forgets_versions_and_what_they_brought() -> None:
    scene = Scene(basic_info=False, templates={"token": "t1"})
    logo = {"app_logo": png(180, 180)}
    for number in range(5):
        assert scene.code(f"1.0.{number}", files=logo, **BASICS) is None
        scene.decide(f"1.0.{number}", "RELEASE")
    assert scene.code("1.0.5") == "SYSTEM_LIMIT"
    scene.desk.start_over()
    assert scene.versions.all() == ()
    assert scene.code() == "APP_NAME_IS_BLANK"
    assert scene.code(files=logo, **BASICS) is None
