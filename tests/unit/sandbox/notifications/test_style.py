import pytest

from alipay_mini_audit import ConfigurationError
from alipay_mini_audit.sandbox import MessageStyle


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("charset", "utf-8"),
        ("charset", "latin-1"),
        ("charset", None),
        ("charset", ["UTF-8"]),
        ("encrypted", 1),
        ("encrypted", "true"),
        ("passed_fields", ("mini_app_id",)),
        ("passed_fields", "bundle_id"),
        ("passed_fields", ["bundle_id"]),
        ("passed_fields", ([],)),
    ],
)
def test_what_the_platform_does_not_do_is_refused(setting: str, value: object) -> None:
    with pytest.raises(ConfigurationError) as raised:
        MessageStyle(**{setting: value})  # type: ignore[arg-type]
    assert raised.value.setting == setting


def test_settings_are_told_by_their_names() -> None:
    assert MessageStyle(charset="GBK", passed_fields=()).as_json() == {
        "charset": "GBK",
        "encrypted": False,
        "passed_fields": (),
    }
