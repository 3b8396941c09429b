"""Whoever finds a problem tells it in both languages: by `told`, never by `Problem` alone."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "alipay_mini_audit"
TOLD = (
    "attachments",
    "calls",
    "client",
    "files",
    "models",
    "preflight",
    "protocol",
)
"""The rooms whose problems are there in Chinese, too."""
MODULES = sorted(
    str(path.relative_to(PACKAGE)) for room in TOLD for path in PACKAGE.joinpath(room).rglob("*.py")
)


def calls_of(name: str, tree: ast.Module) -> Iterator[int]:
    """Yield the lines in which something of a name is called, or made by its class."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute):
                called = ast.Name(called.attr)
            if isinstance(called, ast.Name) and called.id == name:
                yield node.lineno


@pytest.mark.parametrize("module", MODULES)
def test_a_problem_is_told_in_both_languages(module: str) -> None:
    tree = ast.parse(PACKAGE.joinpath(module).read_text(encoding="utf-8"))
    assert list(calls_of("Problem", tree)) == []


@pytest.mark.parametrize("room", TOLD)
def test_a_room_that_is_listed_is_there(room: str) -> None:
    assert PACKAGE.joinpath(room).is_dir()


def test_a_problem_that_is_made_alone_would_be_seen() -> None:
    source = "x = Problem('a')\ny: Problem\nz = problems.Problem(\n'b')\ntold('c')\n"
    assert list(calls_of("Problem", ast.parse(source))) == [1, 3]
