"""Settings of a client that are given beside its credentials: in the environment, or in their file.

They are read here and judged by `ClientConfig`; where several say the same, `over` says who wins.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Final, Self, final

import attrs

from alipay_mini_audit.credentials.settings import (
    UNKNOWN_SETTING,
    read_flag,
    read_toml,
    shown_names,
    variables,
)
from alipay_mini_audit.errors import ConfigurationError
from alipay_mini_audit.problems import told

__all__ = ["ClientSettings", "read_client_environment", "read_client_file"]

_TIMEOUTS: Final = "timeouts"
_NO_TABLE: Final = ("expected a table.", ""), ("应为一个表（table）。", "")
_NO_SECONDS: Final = ("expected a number of seconds.", ""), ("应为秒数。", "")


@final
@attrs.frozen(kw_only=True)
class ClientSettings:
    """What was given, under the names of the arguments of `ClientConfig`.

    Attributes:
        values: what each holds; a time-out is called `timeouts.total`.
        names: how each is called where it was given, for errors.
    """

    values: Mapping[str, object] = attrs.field(factory=dict, repr=False)
    names: Mapping[str, str] = attrs.field(factory=dict)

    def over(self, other: ClientSettings) -> Self:
        """Return both; where both say something, this one wins."""
        return attrs.evolve(
            self, values={**other.values, **self.values}, names={**other.names, **self.names}
        )

    @property
    def timeouts(self) -> dict[str, object]:
        """The time-outs among them, by their names in `Timeouts`."""
        begins = f"{_TIMEOUTS}."
        return {
            name.removeprefix(begins): value
            for name, value in self.values.items()
            if name.startswith(begins)
        }

    @property
    def others(self) -> dict[str, object]:
        """What is no time-out."""
        return {name: value for name, value in self.values.items() if "." not in name}

    def renamed(self, error: ConfigurationError) -> ConfigurationError:
        """Return the error with the setting called as it was where it was given."""
        argument = error.setting.removeprefix("ClientConfig.").replace("Timeouts", _TIMEOUTS)
        setting = self.names.get(argument, error.setting)
        return ConfigurationError.from_problem(error.as_problem(setting))


def read_client_environment(prefix: str, timeouts: Iterable[str]) -> ClientSettings:
    """Read the variables whose names begin with `prefix`; an empty one counts as not given.

    Args:
        prefix: begins each name.
        timeouts: the names of all time-outs.

    Raises:
        ConfigurationError: a variable holds no number, or neither yes nor no; it is named.
        TypeError: the prefix is not a text.
    """
    given = {variable: text.strip() for variable, text in variables(prefix).items()}
    spelt = {name: prefix + name.upper() for name in ("base_url", "allow_plain_http", "proxy")}
    spelt |= {f"{_TIMEOUTS}.{name}": f"{prefix}TIMEOUT_{name.upper()}" for name in timeouts}
    names = {name: variable for name, variable in spelt.items() if given.get(variable)}
    values = {name: _value_of(name, given[variable], variable) for name, variable in names.items()}
    return ClientSettings(values=values, names=names)


def read_client_file(
    path: str | os.PathLike[str], timeouts: Iterable[str], profile: str | None = None
) -> ClientSettings:
    """Read what a TOML file holds beside credentials.

    Args:
        path: the file.
        timeouts: the names of all time-outs; they stand in its table `timeouts`.
        profile: which of its profiles; `None` takes what stands at its top.

    Raises:
        ConfigurationError: the file cannot be read, there is no such profile, or a setting in it
            is unknown.
        TypeError: the path or the profile is not one.
    """
    chosen = read_toml(path, profile)
    given = chosen.values
    values: dict[str, object] = {
        name: given[name] for name in ("base_url", "allow_plain_http", "proxy") if name in given
    }
    if (flag := "allow_plain_http") in given:
        called = chosen.name_of(flag)
        values[flag] = read_flag({called: given[flag]}, called)
    table = given.get(_TIMEOUTS, {})
    where = chosen.name_of(_TIMEOUTS)
    if not isinstance(table, Mapping):
        raise ConfigurationError.from_problem(told(where, "wrong_type", *_NO_TABLE))
    known = tuple(timeouts)
    if unknown := [name for name in table if name not in known]:
        shown = {**shown_names(unknown), "known": ", ".join(known)}
        problem = told(where, "unknown_setting", *UNKNOWN_SETTING, values=shown)
        raise ConfigurationError.from_problem(problem)
    values |= {f"{_TIMEOUTS}.{name}": value for name, value in table.items()}
    return ClientSettings(values=values, names={name: chosen.name_of(name) for name in values})


def _value_of(name: str, text: str, variable: str) -> object:
    if name == "allow_plain_http":
        return read_flag({variable: text}, variable)
    if not name.startswith(_TIMEOUTS):
        return text
    try:
        return float(text)
    except ValueError:
        problem = told(variable, "bad_number", *_NO_SECONDS)
        raise ConfigurationError.from_problem(problem) from None
