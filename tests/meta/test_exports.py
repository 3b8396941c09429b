"""The front door stays small, sorted and complete."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest

import alipay_mini_audit

PACKAGES = ["attachments", "crypto", "models", "protocol", "sandbox"]


def expected_order(names: list[str]) -> list[str]:
    """Constants, then classes, then functions, each by the alphabet: the order of the linter."""
    kinds = (
        str.isupper,
        lambda name: name[0].isupper() and not name.isupper(),
        lambda name: not name[0].isupper(),
    )
    return [name for kind in kinds for name in sorted(filter(kind, names))]


@pytest.mark.parametrize("name", ["", *(f".{package}" for package in PACKAGES)])
def test_all_is_sorted_unique_and_there(name: str) -> None:
    module = importlib.import_module(f"alipay_mini_audit{name}")
    assert list(module.__all__) == expected_order(list(module.__all__))
    assert len(set(module.__all__)) == len(module.__all__)
    for public in module.__all__:
        assert getattr(module, public) is not None


@pytest.mark.parametrize("name", ["alipay_mini_audit", "alipay_mini_audit.sandbox"])
def test_a_name_on_demand_is_the_one_that_type_checkers_see(name: str) -> None:
    package = importlib.import_module(name)
    (seen,) = (
        node
        for node in ast.parse(Path(str(package.__file__)).read_text("utf-8")).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "typing.TYPE_CHECKING"
    )
    public = set()
    for node in seen.body:
        assert isinstance(node, ast.ImportFrom)
        home = importlib.import_module(str(node.module))
        for alias in node.names:
            assert getattr(package, alias.name) is getattr(home, alias.name)
            public.add(alias.name)
    assert public == set(package.__all__) - {"__version__"}


def test_every_error_is_at_the_front_door() -> None:
    errors = importlib.import_module("alipay_mini_audit.errors")
    assert set(errors.__all__) <= set(alipay_mini_audit.__all__)


def test_every_public_object_has_a_docstring() -> None:
    for name in alipay_mini_audit.__all__:
        value = getattr(alipay_mini_audit, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            assert inspect.getdoc(value), name
            methods = (
                m for n, m in vars(value).items() if inspect.isfunction(m) and not n.startswith("_")
            )
            for method in methods:
                assert method.__doc__, f"{name}.{method.__name__}"


def test_the_version_is_that_of_the_distribution() -> None:
    metadata = importlib.import_module("importlib.metadata")
    assert alipay_mini_audit.__version__ == metadata.version("alipay-mini-audit")
