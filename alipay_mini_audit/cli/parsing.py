"""`SpokenCommand` and `SpokenGroup`: what typer says by itself, in the language of the reader."""

from __future__ import annotations

import contextlib
import difflib
import io
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final, final

import typer
from typer.core import TyperCommand, TyperGroup

from alipay_mini_audit.cli.exits import ExitStatus
from alipay_mini_audit.cli.help import usage, write_help, write_rows
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.codes.language import language_of
from alipay_mini_audit.problems import printable

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter, Parameter
    from typer.core import TyperOption

__all__ = ["SpokenCommand", "SpokenGroup"]

_INSTALL: Final = "install_completion"
_COMPLETION: Final = {
    _INSTALL: (
        "Let the shell complete commands and options, from its next start on.",
        "为当前 shell 安装命令和选项的自动补全，重新打开终端后生效。",
    ),
    "show_completion": (
        "Print what the shell needs for that, to copy it.",
        "输出自动补全脚本，供复制使用。",
    ),
}
"""Options of typer's."""
_TYPE: Final = re.compile(r" <.*>$")
_BRACES: Final = re.compile(r"[{}]")
_UsageError: Final[type[Exception]] = typer.BadParameter.__mro__[1]
"""typer has no public name for it."""


@final
class SpokenCommand(TyperCommand):
    """A command whose help and errors speak the language of the environment."""

    def get_help_option(self, ctx: Context) -> TyperOption | None:
        """Return the option `--help`."""
        return _described(super().get_help_option(ctx))

    def get_params(self, ctx: Context) -> list[Parameter]:
        """Return options and arguments; these are called by their name alone."""
        params = super().get_params(ctx)
        for each in params:
            if each.param_type_name == "argument" and not isinstance(
                each.get_help_record, _PlainRecord
            ):
                each.get_help_record = _PlainRecord(each.get_help_record)  # type: ignore[method-assign]
        return params

    def collect_usage_pieces(self, ctx: Context) -> list[str]:
        """Return what stands behind the command in its usage; typer puts braces around names."""
        return [_BRACES.sub("", piece) for piece in super().collect_usage_pieces(ctx)]

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the help into the formatter."""
        if language_of() == "zh":
            write_help(self, ctx, formatter)
        else:
            super().format_help(ctx, formatter)

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Take the arguments; what is wrong with them ends the program."""
        with _refusals(self, ctx):
            return super().parse_args(ctx, args)


@final
class _PlainRecord:
    """Describes an argument as typer does, without its type: `PATH <list[Path]>` is no word."""

    def __init__(self, record: Callable[[Context], tuple[str, str] | None]) -> None:
        self._record = record

    def __call__(self, ctx: Context) -> tuple[str, str] | None:
        found = self._record(ctx)
        return None if found is None else (_TYPE.sub("", found[0]), found[1])


@final
class SpokenGroup(TyperGroup):
    """A group of commands whose help and errors speak the language of the environment."""

    def get_help_option(self, ctx: Context) -> TyperOption | None:
        """Return the option `--help`."""
        return _described(super().get_help_option(ctx))

    def get_params(self, ctx: Context) -> list[Parameter]:
        """Return the options; those about completion speak for themselves, in typer's English."""
        params = super().get_params(ctx)
        for each in params:
            if each.name in _COMPLETION:
                each.help = said(*_COMPLETION[each.name])  # type: ignore[attr-defined]  # an option
            if each.name == _INSTALL and not isinstance(each.callback, _Installation):
                each.callback = _Installation(each.callback)
        return params

    def format_help(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the help into the formatter."""
        if language_of() != "zh":
            super().format_help(ctx, formatter)
            return
        write_help(self, ctx, formatter)
        write_rows("命令", self._sentences(), formatter)

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        """Write the list of commands into the formatter, each with a whole sentence."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(self._sentences())

    def _sentences(self) -> list[tuple[str, str]]:
        """Return the names of the commands, and the first paragraph of what each says."""
        return [
            (name, " ".join((each.help or "").split("\n\n")[0].split()))
            for name, each in self.commands.items()
            if not each.hidden
        ]

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        """Take the arguments; what is wrong with them ends the program."""
        if not args:
            try:
                return super().parse_args(ctx, args)
            except _UsageError as no_command:  # its text is the help
                # 2 is what the platform refused.
                no_command.exit_code = ExitStatus.INVALID  # type: ignore[attr-defined]
                raise
        with _refusals(self, ctx):
            return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: Context, args: list[str]
    ) -> tuple[str | None, Command | None, list[str]]:
        """Return the command that is called; another name ends the program."""
        first, *_ = args
        with _refusals(self, ctx, unknown=first):
            return super().resolve_command(ctx, args)


@final
class _Installation:
    """Installs completion as typer does, and says so in the language that is spoken."""

    def __init__(self, install: Callable[..., object] | None) -> None:
        self._install = install

    def __call__(self, ctx: Context, param: Parameter, value: object) -> object:
        if not value or self._install is None:
            return value
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                return self._install(ctx, param, value)
        except SystemExit:  # typer has done it
            installed = "Completion is installed, for terminals that are opened from now on."
            typer.echo(said(installed, "已安装自动补全，重新打开终端后生效。"))
            raise


def _described(option: TyperOption | None) -> TyperOption | None:
    if option is not None:
        option.help = said("Show this message and exit.", "显示本帮助并退出。")
    return option


@contextlib.contextmanager
def _refusals(
    command: SpokenCommand | SpokenGroup, ctx: Context, unknown: str | None = None
) -> Iterator[None]:
    """Say in Chinese, if that is spoken, what typer refuses.

    Args:
        command: who refuses it.
        ctx: where.
        unknown: the name of the command that is refused, if one is.
    """
    try:
        yield
    except _UsageError as error:
        if language_of() != "zh":
            error.exit_code = ExitStatus.INVALID  # type: ignore[attr-defined]  # 2 is a refusal
            raise
        hint = f"请用 '{ctx.command_path} --help' 查看帮助。"
        names = command.commands if isinstance(command, SpokenGroup) else {}
        reason = _reason(error) if unknown is None else _no_such_command(unknown, names)
        sys.stderr.write(f"{usage(command, ctx)}\n{hint}\n\n错误：{reason}\n")
        raise typer.Exit(ExitStatus.INVALID) from error


def _reason(error: Exception) -> str:
    facts = vars(error)
    if "option_name" in facts:
        option = f"'{printable(facts['option_name'])}'"
        is_unknown = "possibilities" in facts
        return f"没有选项 {option}。" if is_unknown else f"{option} 的取值个数不对。"
    if not isinstance(error, typer.BadParameter) or error.param is None:
        return "参数过多或过少。"
    name = error.param.metavar if error.param.param_type_name == "argument" else None
    called = f"'{name or ' / '.join(error.param.opts)}'"
    return f"{called} 的值不正确。" if error.message else f"缺少 {called}。"


def _no_such_command(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1)
    return f"没有命令 '{printable(name)}'。" + "".join(f"您要的是不是 '{each}'？" for each in near)
