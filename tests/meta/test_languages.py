"""Every problem and every setting that is wrong is told in both languages, or not at all."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "alipay_mini_audit"
PROGRAMS = {"sandbox", "cli", "contrib", "examples"}
"""They speak for themselves."""
MAKERS = {"errors.py", "problems.py"}
"""Where the classes and `told` stand."""
MODULES = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if not (PROGRAMS | MAKERS) & set(path.relative_to(PACKAGE).parts)
)
BARE = frozenset({"Problem", "ConfigurationError"})
TOLD = frozenset({"told", "retold", "stated"})


def name_of(called: ast.expr) -> str:
    """Return the last part of what is called: of `errors.Problem`, `Problem`."""
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield name_of(node.func), node


def is_text(node: ast.AST) -> bool:
    """Say whether it is written there, not computed."""
    if isinstance(node, ast.Constant):
        return isinstance(node.value, str)
    return isinstance(node, ast.JoinedStr)


def bare(source: str) -> list[int]:
    """Return the lines in which something is told in English alone."""
    found = []
    for name, call in calls(ast.parse(source)):
        texts = call.args[1:] if name == "Fact" else []
        if name in BARE or any(map(is_text, texts)):
            found.append(call.lineno)
    return sorted(found)


def filled_early(source: str) -> list[int]:
    """Return the lines in which a text to be filled in is made of something but constants.

    A brace in a value of the user's would then be taken for a place to fill.
    """
    return sorted(
        value.lineno
        for name, call in calls(ast.parse(source))
        if name in TOLD
        for text in call.args[2 if name == "told" else 1 :]
        for value in ast.walk(text)
        if isinstance(value, ast.FormattedValue) and not is_constant(value.value)
    )


def is_constant(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id.lstrip("_").isupper()


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_it_is_told_in_both_languages(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    assert bare(source) == [], "use told(...), or the as_problem() of an error"
    assert filled_early(source) == [], "give it among the values"


def test_what_is_told_in_english_alone_is_seen() -> None:
    assert bare("raise ConfigurationError('x', 'y')\nerrors.Problem(\n'x', 'y', 'z')") == [1, 2]
    assert bare("Fact('x', 'y')\nFact('x', f'{y}')\nFact('x', y)\nfound: Problem") == [1, 2]
    assert bare("ConfigurationError.from_problem(told('x', 'y', *TEXTS))") == []


def test_a_text_that_holds_a_value_of_the_users_is_seen() -> None:
    assert filled_early("told(f'{x}', 'y', (f'{given}', ''), ('', ''))") == [1]
    assert filled_early("stated('x', f'{given}', '')") == [1]
    assert filled_early("told(f'{x}', 'y', (f'{_LEAST}', ''), ('', ''))") == []
