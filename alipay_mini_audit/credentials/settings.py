"""CredentialSettings for credentials, from the environment or a TOML file.

Read and checked for completeness, not yet used.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, NoReturn, final

import attrs

from alipay_mini_audit.errors import ConfigurationError

__all__ = ["CredentialSettings", "read_environment", "read_file"]

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
_FILE_NAME: Final = re.compile(r".{1,1000}\.(pem|key|txt|der|crt|cer|pub|b64)")
_CERTIFICATES: Final = ("app_certificate", "alipay_certificate", "root_certificate")


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
    names: Mapping[str, str]

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "CredentialSettings hold keys and are not pickled; read them in each process"
        )

    @property
    def is_certificate_mode(self) -> bool:
        """Certificates were given, not Alipay's public key."""
        return bool(self.app_certificate)

    def renamed(self, error: ConfigurationError) -> ConfigurationError:
        """Return the error with the setting called as it was where it was given."""
        name, colon, rest = str(error).partition(":")
        return ConfigurationError(f"{self.names.get(name, name)}{colon}{rest}")


def read_environment(prefix: str) -> CredentialSettings:
    """Read the variables whose names begin with `prefix`.

    Raises:
        ConfigurationError: a variable is missing or contradicts another, and is named.
    """
    names = {name: prefix + spelt for name, spelt in _SPELT.items()}
    return _collect(os.environ, names, "_FILE", Path())


def read_file(path: str | os.PathLike[str]) -> CredentialSettings:
    """Read a TOML file.

    Raises:
        ConfigurationError: it cannot be read; a setting is missing, unknown or contradicts another,
        and is named.
    """
    file = Path(path)
    try:
        given = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        line = re.search(r"line \d+", str(error))
        raise ConfigurationError(
            f"{file} is no TOML file{f' ({line[0]})' if line else ''}."
        ) from None
    known = {spelt for name in _SPELT for spelt in (name, f"{name}_file")}
    if unknown := [name for name in given if name not in known]:
        raise ConfigurationError(
            f"{file}: unknown setting {', '.join(unknown)}. Known: {', '.join(_SPELT)}."
        )
    return _collect(given, {name: name for name in _SPELT}, "_file", file.parent)


def _collect(
    given: Mapping[str, object], spelt: Mapping[str, str], suffix: str, folder: Path
) -> CredentialSettings:
    names = {name: own + suffix if given.get(own + suffix) else own for name, own in spelt.items()}
    found = {name: _one(given, own, own + suffix, folder) for name, own in spelt.items()}
    certificates = [name for name in _CERTIFICATES if found[name]]
    if certificates and found["alipay_public_key"]:
        both = f"{names['alipay_public_key']} and {names[certificates[0]]}"
        raise ConfigurationError(
            f"{both} contradict each other: an app is in key mode or in certificate mode."
        )
    needed = ("app_id", "private_key", *(_CERTIFICATES if certificates else ("alipay_public_key",)))
    if missing := [names[name] for name in needed if not found[name]]:
        raise ConfigurationError(f"Missing: {', '.join(missing)}.")
    app_id, encrypt_key = (
        _text(found.pop(name), names[name]) for name in ("app_id", "encrypt_key")
    )
    return CredentialSettings(app_id=app_id, encrypt_key=encrypt_key, names=names, **found)


def _one(given: Mapping[str, object], name: str, file_name: str, folder: Path) -> str | Path:
    value, file = given.get(name, ""), given.get(file_name, "")
    if not isinstance(value, str) or not isinstance(file, str):
        raise ConfigurationError(
            f"{name if not isinstance(value, str) else file_name}: expected a text."
        )
    value, file = value.strip(), file.strip()
    if value and file:
        raise ConfigurationError(f"{name} and {file_name} contradict each other: give one of them.")
    if file:
        return folder / file
    return (
        folder / value
        if _FILE_NAME.fullmatch(value) or _is_file(folder / value)
        else value.replace("\\n", "\n")
    )


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _text(value: str | Path, name: str) -> str:
    if isinstance(value, str):
        return value
    try:
        return value.read_text(encoding="utf-8-sig").strip()
    except (OSError, ValueError):
        raise ConfigurationError(f"{name}: the file {value} cannot be read.") from None
