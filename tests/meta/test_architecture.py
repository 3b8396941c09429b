"""One straight line: a module imports only from packages below its own."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "alipay_mini_audit"
MODULES = sorted(
    ".".join(("alipay_mini_audit", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
        ".__init__"
    )
    for path in PACKAGE.rglob("*.py")
)
ROOMS = [
    "errors",
    "concurrency",
    "codes",
    "crypto",
    "attachments",
    "models",
    "events",
    "protocol",
    "retry",
    "credentials",
    "config",
    "files",
    "transport",
    "calls",
    "client",
    "sandbox",
    "cli",
    "__main__",
]
"""Bottom to top; `_version` lies under all of them, the front door above `client`."""
CORE = ("errors", "codes", "crypto", "attachments", "models", "protocol", "retry")
SANDBOX_MAY_USE = {"errors", "codes", "attachments", "config", "credentials", "crypto", "_version"}
IMPURE = {"asyncio", "aiohttp", "socket", "time", "random"}


def tree_of(module: str) -> ast.Module:
    path = PACKAGE.parent.joinpath(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(module: str) -> set[str]:
    found = set()
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} has a relative import"
            assert node.module is not None
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module}
    return found


def room_of(name: str) -> str | None:
    parts = name.split(".")
    return parts[1] if parts[0] == "alipay_mini_audit" and len(parts) > 1 else None


@pytest.mark.parametrize("module", [module for module in MODULES if module != "alipay_mini_audit"])
def test_a_module_imports_only_from_rooms_below(module: str) -> None:
    own = room_of(module)
    if own == "_version":
        assert imports_of(module) == set()
        return
    allowed = {*ROOMS[: ROOMS.index(own) + 1], "_version"}
    for name in imports_of(module):
        if name.split(".")[0] == "alipay_mini_audit" and name != "alipay_mini_audit":
            below = room_of(name)
            assert below in allowed, f"{module} imports {name}"
    assert "alipay_mini_audit" not in imports_of(module) - {"alipay_mini_audit._version"}, (
        "use the module itself"
    )


@pytest.mark.parametrize("module", [module for module in MODULES if room_of(module) in CORE])
def test_the_core_does_no_io(module: str) -> None:
    roots = {name.split(".")[0] for name in imports_of(module)}
    assert roots.isdisjoint(IMPURE)


@pytest.mark.parametrize("module", [module for module in MODULES if room_of(module) == "sandbox"])
def test_the_sandbox_judges_by_its_own_code(module: str) -> None:
    used = {room_of(name) for name in imports_of(module) if room_of(name)} - {"sandbox"}
    assert used <= SANDBOX_MAY_USE | ({"client"} if module.endswith(".pytest_plugin") else set())


@pytest.mark.parametrize("module", MODULES)
def test_only_crypto_and_the_sandbox_use_pycryptodome(module: str) -> None:
    if room_of(module) not in ("crypto", "sandbox"):
        assert not any(name.split(".")[0] == "Crypto" for name in imports_of(module))


@pytest.mark.parametrize("module", MODULES)
def test_modules_and_functions_are_small_and_public_ones_documented(module: str) -> None:
    tree = tree_of(module)
    assert ast.get_docstring(tree), f"{module} has no docstring"
    assert max((getattr(node, "end_lineno", 0) for node in ast.walk(tree)), default=0) <= 400
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            statements = sum(isinstance(inner, ast.stmt) for inner in ast.walk(node)) - 1
            assert statements < 40, f"{module}.{node.name} has {statements} statements"


IMPORT_EACH = """
import importlib, os, sys
import aiofiles, aiohttp, aiohttp.web, attrs, cattrs, pytest, rich.table, typer, Crypto.PublicKey.RSA  # not ours
import alipay_mini_audit  # what is in it runs before each of its modules, so those it brings import alone
for module in sys.argv[1:]:
    if module in sys.modules:
        continue
    if (child := os.fork()) == 0:
        importlib.import_module(module)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, module
"""


def test_each_module_imports_alone() -> None:
    modules = [module for module in MODULES if not module.endswith("__main__")]
    command = [sys.executable, "-W", "error", "-c", IMPORT_EACH, *modules]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr


def test_importing_the_package_brings_neither_sandbox_nor_command_line() -> None:
    code = (
        "import sys, alipay_mini_audit; "
        "late = ('alipay_mini_audit.sandbox', 'alipay_mini_audit.cli.', 'typer', 'rich', 'cryptography'); "
        "print([name for name in sys.modules if name.startswith(late)])"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert run.stdout.strip() == "[]"
