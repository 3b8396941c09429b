"""Every code that this package gives a problem is explained, and no explanation is left over."""

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

from alipay_mini_audit.codes import CATALOGUE
from alipay_mini_audit.codes.own import OWN
from alipay_mini_audit.crypto.faults import CertificateFault
from alipay_mini_audit.crypto.limits import KeyFault

PACKAGE = Path(__file__).parents[2] / "alipay_mini_audit"
WITH_CODE = {"Problem", "told"}


@functools.cache
def trees() -> list[ast.Module]:
    return [
        ast.parse(path.read_text(encoding="utf-8"))
        for path in PACKAGE.rglob("*.py")
        if not {"sandbox", "own"} & set(path.relative_to(PACKAGE).parts)
    ]


def codes_in(tree: ast.AST) -> Iterator[str]:
    """Yield the texts that stand where a code belongs."""
    for node in ast.walk(tree):
        places: list[ast.expr] = []
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name) and node.func.id in WITH_CODE:
                places += node.args[1:2]
            places += [each.value for each in node.keywords if each.arg == "code"]
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "code":
            places.append(node.value)
        for place in places:
            if isinstance(place, ast.Constant) and isinstance(place.value, str) and place.value:
                yield place.value


def test_every_code_of_a_problem_is_explained() -> None:
    given = {code for tree in trees() for code in codes_in(tree)}
    given |= {*map(str, CertificateFault), *map(str, KeyFault)}
    assert len(given) > 80
    assert given - set(OWN) - set(CATALOGUE) == set()


def test_no_explanation_is_left_over() -> None:
    texts = {
        node.value
        for tree in trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(OWN) - texts == set()
    assert not set(OWN) & set(CATALOGUE)
