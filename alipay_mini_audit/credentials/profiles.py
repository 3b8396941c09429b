"""Profiles: several sets of settings in one TOML file. What stands at the top holds for all."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Final, final

import attrs

from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.problems import told

__all__ = ["PROFILES", "ChosenSettings", "choose", "no_profile_chosen"]

PROFILES: Final = "profiles"
"""The table of tables that holds them."""
_FILE: Final = "_file"
_PUBLIC_KEY: Final = "alipay_public_key"
_CERTIFICATES: Final = ("app_certificate", "alipay_certificate", "root_certificate")
_NAME: Final = re.compile(r"[\w-]{1,40}")
_HIDDEN: Final = "…"

_NO_TABLE: Final = ("expected a table.", ""), ("应为一个表（table）。", "")
_UNKNOWN: Final = (
    ("there is no profile {given} in {file}.", "There are: {known}."),
    ("{file} 中没有配置 {given}。", "可用的配置：{known}。"),
)
_MISSPELT: Final = (
    ("there is no profile {given} in {file}.", "Did you mean {near}? There are: {known}."),
    ("{file} 中没有配置 {given}。", "您要的是不是 {near}？可用的配置：{known}。"),
)
_NONE: Final = (
    ("{file} has no profiles.", "Leave it out, or give the file a table [profiles.NAME]."),
    ("{file} 中没有任何配置（profile）。", "请去掉该选项，或在文件中加入表 [profiles.NAME]。"),
)
_NOT_CHOSEN: Final = (
    ("the settings stand in profiles, and none was chosen.", "Choose one: {known}."),
    ("设置分别写在多个配置（profile）中，但没有选择其中之一。", "请选择：{known}。"),
)


@final
@attrs.frozen
class ChosenSettings:
    """What a file holds for one profile, or for none.

    Attributes:
        shared: what stands at the top of the file, without the profiles.
        own: what the profile says itself; empty if none was chosen.
        profile: its name; `None` if none was chosen.
        profiles: the names of all that the file has.
    """

    shared: Mapping[str, object] = attrs.field(repr=False)
    own: Mapping[str, object] = attrs.field(repr=False)
    profile: str | None
    profiles: tuple[str, ...]

    @property
    def values(self) -> dict[str, object]:
        """Both together: the profile wins, whether it names a file or gives the content."""
        said = {_plain(name) for name in self.own} | self._contradicted()
        merged = {name: value for name, value in self.shared.items() if _plain(name) not in said}
        merged |= self.own
        for name, value in self.own.items():  # a table: each of its settings counts alone
            if isinstance(value, Mapping) and isinstance(shared := self.shared.get(name), Mapping):
                merged[name] = {**shared, **value}
        return merged

    def _contradicted(self) -> set[str]:
        """Return the settings of the other mode than that of the profile."""
        given = {_plain(name) for name, value in self.own.items() if value}
        if _PUBLIC_KEY in given and not given & set(_CERTIFICATES):
            return set(_CERTIFICATES)
        return {_PUBLIC_KEY} if given & set(_CERTIFICATES) else set()

    def name_of(self, setting: str) -> str:
        """Return what a setting is called where it was given, or has to be given if it was not.

        Args:
            setting: its name at the top of a file; that of one in a table has a dot.
        """
        if self.profile is None:
            return setting
        table, _, inner = setting.partition(".")
        own = self.own.get(table)
        if inner and isinstance(own, Mapping):
            is_own = inner in own
        else:
            is_own = any(_plain(name) == _plain(table) for name in self.own)
        is_shared = any(_plain(name) == _plain(table) for name in self.shared)
        return setting if is_shared and not is_own else f"{self._begin}{setting}"

    @property
    def _begin(self) -> str:
        return "" if self.profile is None else f"{PROFILES}.{self.profile}."


def choose(given: Mapping[str, object], profile: str | None, file: str) -> ChosenSettings:
    """Take a profile out of what a file holds.

    Args:
        given: the whole file.
        profile: its name; `None` takes what stands at the top alone.
        file: what errors call the file.

    Raises:
        ConfigurationError: there is no such profile, or profiles are not tables.
        TypeError: the name of the profile is not a text.
    """
    if not isinstance(profile, str | None):
        raise TypeError(f"profile: expected a text or None, not {type(profile).__name__}")
    tables = given.get(PROFILES, {})
    if not isinstance(tables, Mapping):
        raise ConfigurationError.from_problem(told(PROFILES, "wrong_type", *_NO_TABLE))
    for name, table in tables.items():
        if not isinstance(table, Mapping):
            where = f"{PROFILES}.{_shown(name)}"
            raise ConfigurationError.from_problem(told(where, "wrong_type", *_NO_TABLE))
    shared = {name: value for name, value in given.items() if name != PROFILES}
    if profile is None:
        return ChosenSettings(shared, {}, None, tuple(tables))
    if profile not in tables:
        raise _unknown(profile, tuple(tables), file)
    return ChosenSettings(shared, tables[profile], profile, tuple(tables))


def no_profile_chosen(profiles: Iterable[str], file: str) -> ConfigurationError:
    """Return the error that a file has nothing but profiles, and none was chosen.

    Args:
        profiles: their names.
        file: what errors call the file.
    """
    values = {"known": ", ".join(map(_shown, profiles))}
    return ConfigurationError.from_problem(told(file, "no_profile", *_NOT_CHOSEN, values=values))


def _unknown(profile: str, profiles: tuple[str, ...], file: str) -> ConfigurationError:
    near = difflib.get_close_matches(profile, profiles, 1, 0.5)
    values = {
        "given": _shown(profile),
        "file": file,
        "known": ", ".join(map(_shown, profiles)),
        "near": "".join(map(_shown, near)),
    }
    texts = (_MISSPELT if near else _UNKNOWN) if profiles else _NONE
    return ConfigurationError.from_problem(
        told("profile", "unknown_profile", *texts, values=values)
    )


def _shown(name: str) -> str:
    """Return the name of a profile, unless it may be a key that stands in its place."""
    return name if _NAME.fullmatch(name) else _HIDDEN


def _plain(name: str) -> str:
    return name.removesuffix(_FILE)
