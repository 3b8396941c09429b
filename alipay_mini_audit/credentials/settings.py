"""Settings of credentials, from the environment or a TOML file.

They are read and checked for completeness; what they hold is judged by `diagnosis`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NoReturn, final

import attrs

from alipay_mini_audit.credentials.material import Material
from alipay_mini_audit.credentials.profiles import (
    PROFILES,
    ChosenSettings,
    choose,
    no_profile_chosen,
)
from alipay_mini_audit.crypto.encoding import is_file_name, may_be_shown, unreadable_because
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.problems import told

__all__ = [
    "UNKNOWN_SETTING",
    "CredentialSettings",
    "read_environment",
    "read_file",
    "read_flag",
    "read_toml",
    "shown_names",
    "variables",
]

_SPELT: Final = {
    "app_id": "APP_ID",
    "private_key": "PRIVATE_KEY",
    "alipay_public_key": "PUBLIC_KEY",
    "app_certificate": "APP_CERTIFICATE",
    "alipay_certificate": "CERTIFICATE",
    "root_certificate": "ROOT_CERTIFICATE",
    "encrypt_key": "ENCRYPT_KEY",
}
"""Name in a file, and behind the prefix in the environment."""
_CHECK: Final = "check_certificates"
_FLAGS: Final = MappingProxyType(
    {"": True}
    | dict.fromkeys(("1", "true", "yes", "on"), True)
    | dict.fromkeys(("0", "false", "no", "off"), False)
)
_CERTIFICATES: Final = ("app_certificate", "alipay_certificate", "root_certificate")
_OF_CLIENT: Final = ("base_url", "allow_plain_http", "proxy", "timeouts")
"""What a file may hold beside credentials; `client_settings` reads it."""
_NAME: Final = re.compile(r"[a-z_]{1,30}")
_MOST_DOTS: Final = 1000
"""Keys and certificates have none. A name of thousands of dotted parts costs the parser minutes."""
_TOML_LINE: Final = re.compile(r"line (\d+)")

UNKNOWN_SETTING: Final = (
    ("unknown setting {names}.", "Known: {known}."),
    ("未知的设置项：{chinese_names}。", "可用的设置项：{known}。"),
)
"""Names as `shown_names` returns them, and those that are known."""
_UNREADABLE: Final = (
    ("this file cannot be read: {reason}.", ""),
    ("无法读取该文件：{chinese_reason}。", ""),
)
_NOT_TOML: Final = ("this is not a TOML file.", ""), ("这不是 TOML 文件。", "")
_NOT_TOML_FROM: Final = (
    ("this is not a TOML file (line {line}).", ""),
    ("这不是 TOML 文件（第 {line} 行）。", ""),
)
_TWO_MODES: Final = (
    (
        "it contradicts {other}: an app is in key mode or in certificate mode.",
        "Give one of them.",
    ),
    ("与 {other} 冲突：应用要么是公钥模式，要么是证书模式。", "请只保留其中一个。"),
)
_TWICE: Final = (
    ("it contradicts {other}.", "Give one of them."),
    ("与 {other} 冲突。", "请只保留其中一个。"),
)
_MISSING_CODE: Final = "missing"
_MISSING: Final = ("this setting is missing.", ""), ("缺少该设置项。", "")
_SEVERAL_MISSING: Final = ("these settings are missing.", ""), ("缺少这些设置项。", "")
_BAD_FLAG: Final = (
    ("expected true or false, or in the environment 1 or 0.", ""),
    ("应为 true 或 false，环境变量中也可为 1 或 0。", ""),
)
_NO_TEXT: Final = ("expected a text.", ""), ("应为字符串。", "")
_NO_FILE: Final = (
    ("the file {file} cannot be read: {reason}.", ""),
    ("无法读取文件 {file}：{chinese_reason}。", ""),
)
_NO_FILE_HIDDEN: Final = (
    ("the file that it names cannot be read.", ""),
    ("无法读取所指的文件。", ""),
)


@final
@attrs.frozen(kw_only=True)
class CredentialSettings:
    """What was given: texts are content, paths are files. What was not given is empty.

    Attributes:
        names: how each is called where it was given, for errors.
    """

    app_id: str = attrs.field(repr=False)
    private_key: str | Path = attrs.field(repr=False)
    alipay_public_key: str | Path = attrs.field(default="", repr=False)
    app_certificate: str | Path = attrs.field(default="", repr=False)
    alipay_certificate: str | Path = attrs.field(default="", repr=False)
    root_certificate: str | Path = attrs.field(default="", repr=False)
    encrypt_key: str = attrs.field(default="", repr=False)
    check_certificates: bool = True
    names: Mapping[str, str]

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "CredentialSettings hold keys and are not pickled; read them in each process"
        )

    @property
    def is_certificate_mode(self) -> bool:
        """Certificates were given, not Alipay's public key."""
        return bool(self.app_certificate)

    def to_material(self) -> Material:
        """Return what the settings hold, as the arguments of `Credentials` would give it."""
        return Material(
            is_certificate_mode=self.is_certificate_mode,
            app_id=self.app_id,
            private_key=self.private_key,
            alipay_public_key=self.alipay_public_key,
            app_certificate=self.app_certificate,
            alipay_certificate=self.alipay_certificate,
            root_certificate=self.root_certificate,
            encrypt_key=self.encrypt_key or None,
            check_certificates=self.check_certificates,
        )

    def name_of(self, argument: str) -> str:
        """Return what an argument of `Credentials` is called where it was given."""
        return self.names.get(argument, argument)

    def renamed(self, error: ConfigurationError) -> ConfigurationError:
        """Return the error with the setting called as it was where it was given."""
        return ConfigurationError.from_problem(error.as_problem(self.name_of(error.setting)))


def read_environment(prefix: str) -> CredentialSettings:
    """Read the variables whose names begin with `prefix`.

    Raises:
        ConfigurationError: a variable is missing or contradicts another, and is named.
        TypeError: the prefix is not a text.
    """
    given = variables(prefix)
    names = {name: prefix + spelt for name, spelt in _SPELT.items()}
    return _collect(given, names, prefix + _CHECK.upper(), "_FILE", Path())


def read_file(path: str | os.PathLike[str], profile: str | None = None) -> CredentialSettings:
    """Read a TOML file.

    Args:
        path: the file.
        profile: which of its profiles; `None` takes what stands at its top.

    Raises:
        ConfigurationError: it cannot be read; there is no such profile, or none was chosen; a
            setting is missing, unknown or contradicts another, and is named.
        TypeError: the path or the profile is not one.
    """
    chosen = read_toml(path, profile)
    values = {chosen.name_of(name): value for name, value in chosen.values.items()}
    names = {name: chosen.name_of(name) for name in _SPELT}
    file = Path(os.fsdecode(path))
    try:
        return _collect(values, names, chosen.name_of(_CHECK), "_file", file.parent)
    except ConfigurationError as error:
        if error.code != _MISSING_CODE or profile is not None or not chosen.profiles:
            raise
    raise no_profile_chosen(chosen.profiles, _called(file))


def variables(prefix: str) -> Mapping[str, str]:
    """Return the variables of the environment whose names begin with `prefix`.

    Raises:
        TypeError: the prefix is not a text.
    """
    if not isinstance(prefix, str):
        raise TypeError(f"prefix: expected a text, not {type(prefix).__name__}")
    return {name: text for name, text in os.environ.items() if name.startswith(prefix)}


def read_toml(path: str | os.PathLike[str], profile: str | None = None) -> ChosenSettings:
    """Return what a TOML file holds: settings of credentials, and of the client.

    Args:
        path: the file.
        profile: which of its profiles; `None` takes what stands at its top.

    Raises:
        ConfigurationError: it cannot be read, there is no such profile, or a setting is unknown.
        TypeError: the path or the profile is not one.
    """
    if not isinstance(path, str | os.PathLike):
        raise TypeError(f"path: expected a str or os.PathLike, not {type(path).__name__}")
    file = Path(os.fsdecode(path))
    name = _called(file)
    chosen = choose(_parse_toml(_text_of(file, name), name), profile, name)
    _refuse_unknown(chosen.shared, name)
    _refuse_unknown(chosen.own, f"{PROFILES}.{profile}")
    return chosen


def _called(file: Path) -> str:
    # A key may have been given where the name of the file belongs.
    return str(file) if may_be_shown(file) else "the TOML file"


def _refuse_unknown(given: Mapping[str, object], where: str) -> None:
    known = {spelt for own in _SPELT for spelt in (own, f"{own}_file")} | {_CHECK, *_OF_CLIENT}
    if unknown := [setting for setting in given if setting not in known]:
        values = {**shown_names(unknown), "known": ", ".join((*_SPELT, _CHECK, *_OF_CLIENT))}
        problem = told(where, "unknown_setting", *UNKNOWN_SETTING, values=values)
        raise ConfigurationError.from_problem(problem)


def shown_names(settings: Iterable[str]) -> dict[str, str]:
    """Return names of settings, unless they may be keys that stand in their place.

    Returns:
        `names`, and `chinese_names`.
    """
    shown = {each: _NAME.fullmatch(each) is not None for each in settings}
    names = [
        each if is_name else f"of {len(each)} characters, not shown"
        for each, is_name in shown.items()
    ]
    chinese = [
        each if is_name else f"共 {len(each)} 个字符，不予显示" for each, is_name in shown.items()
    ]
    return {"names": ", ".join(names), "chinese_names": "、".join(chinese)}


def _text_of(file: Path, name: str) -> str:
    try:
        return file.read_text(encoding="utf-8-sig", errors="surrogateescape")
    except (OSError, ValueError) as error:  # ValueError: a null byte in the name
        reasons = unreadable_because(error)
    raise ConfigurationError.from_problem(told(name, "unreadable", *_UNREADABLE, values=reasons))


def _parse_toml(text: str, name: str) -> Mapping[str, object]:
    import tomllib  # noqa: PLC0415

    try:
        text.encode()
        if text.count(".") <= _MOST_DOTS:
            return tomllib.loads(text)
        line = None
    except (ValueError, RecursionError) as error:
        # The parser quotes the line, which may hold a key: only its number is told.
        line = _TOML_LINE.search(str(error))
    texts, values = (_NOT_TOML_FROM, {"line": line[1]}) if line else (_NOT_TOML, None)
    raise ConfigurationError.from_problem(told(name, "not_toml", *texts, values=values))


def _collect(
    given: Mapping[str, object],
    spelt: Mapping[str, str],
    check: str,
    suffix: str,
    folder: Path,
) -> CredentialSettings:
    names = {name: own + suffix if given.get(own + suffix) else own for name, own in spelt.items()}
    found = {name: _one(given, own, own + suffix, folder) for name, own in spelt.items()}
    certificates = [name for name in _CERTIFICATES if found[name]]
    if certificates and found["alipay_public_key"]:
        name, other = names["alipay_public_key"], {"other": names[certificates[0]]}
        problem = told(name, "contradiction", *_TWO_MODES, values=other)
        raise ConfigurationError.from_problem(problem)
    needed = ("app_id", "private_key", *(_CERTIFICATES if certificates else ("alipay_public_key",)))
    if missing := [names[name] for name in needed if not found[name]]:
        texts = _MISSING if len(missing) == 1 else _SEVERAL_MISSING
        raise ConfigurationError.from_problem(told(", ".join(missing), _MISSING_CODE, *texts))
    app_id = _text(_app_id_of(found.pop("app_id"), folder), names["app_id"])
    encrypt_key = _text(found.pop("encrypt_key"), names["encrypt_key"], is_secret=True)
    return CredentialSettings(
        app_id=app_id,
        encrypt_key=encrypt_key,
        check_certificates=read_flag(given, check),
        names=names | {_CHECK: check},
        **found,
    )


def _one(given: Mapping[str, object], name: str, file_name: str, folder: Path) -> str | Path:
    value = _stripped(given, name)
    file = _stripped(given, file_name)
    if value and file:
        problem = told(name, "contradiction", *_TWICE, values={"other": file_name})
        raise ConfigurationError.from_problem(problem)
    if file:
        return folder / file
    # A name of a file that is not there must not be taken for a damaged key, so the ending counts;
    # a file that is there counts whatever it is called.
    if is_file_name(value) or _is_file(folder / value):
        return folder / value
    return value.replace("\\n", "\n")


def _app_id_of(given: str | Path, folder: Path) -> str | Path:
    # No app id has a slash: it is meant for the name of a file, unless it is a key.
    is_path = isinstance(given, str) and ("/" in given or "\\" in given)
    return folder / given if is_path and may_be_shown(Path(given)) else given


def read_flag(given: Mapping[str, object], name: str) -> bool:
    """Return a setting that is on or off; `True` if it is not given.

    Raises:
        ConfigurationError: it is neither.
    """
    value = given.get(name, "")
    if isinstance(value, bool):
        return value
    flag = _FLAGS.get(value.strip().lower()) if isinstance(value, str) else None
    if flag is None:
        raise ConfigurationError.from_problem(told(name, "bad_value", *_BAD_FLAG))
    return flag


def _stripped(given: Mapping[str, object], name: str) -> str:
    value = given.get(name, "")
    if not isinstance(value, str):
        raise ConfigurationError.from_problem(told(name, "wrong_type", *_NO_TEXT))
    return value.strip()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _text(value: str | Path, name: str, *, is_secret: bool = False) -> str:
    if isinstance(value, str):
        return value
    try:
        return value.read_text(encoding="utf-8-sig").strip()
    except (OSError, ValueError) as error:
        reasons = unreadable_because(error)
    # A secret may have been given where the name of its file belongs.
    texts = _NO_FILE_HIDDEN if is_secret or not may_be_shown(value) else _NO_FILE
    problem = told(name, "unreadable", *texts, values={"file": value, **reasons})
    raise ConfigurationError.from_problem(problem)
