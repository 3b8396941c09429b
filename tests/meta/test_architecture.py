"""One straight line: a module imports only from rooms below its own, and the core does no I/O."""

import ast
import functools
import importlib
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "alipay_mini_audit"
MODULES = sorted(
    ".".join(("alipay_mini_audit", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
        ".__init__"
    )
    for path in PACKAGE.rglob("*.py")
)
ROOMS = [
    "on_demand",
    "system_reasons",
    "problems",
    "errors",
    "concurrency",
    "codes",
    "crypto",
    "attachments",
    "models",
    "events",
    "protocol",
    "preflight",
    "notifications",
    "retry",
    "credentials",
    "config",
    "files",
    "transport",
    "calls",
    "batch",
    "verdicts",
    "lifecycle",
    "client",
    "sandbox",
    "contrib",
    "cli",
    "examples",
    "__main__",
]
"""Bottom to top; `_version` lies under all of them, the front door above `client`."""
ROOT_MODULES = {
    "on_demand",
    *("system_reasons", "problems", "errors", "events", "retry", "config", "concurrency"),
    "_version",
}
CORE = (
    "system_reasons",
    "problems",
    "errors",
    "codes",
    "crypto",
    "attachments",
    "models",
    "protocol",
    "preflight",
    "notifications",
    "retry",
)
IMPURE = {"asyncio", "aiohttp", "aiofiles", "socket", "time", "random"}
PROGRAMS = ("sandbox", "cli", "contrib", "examples", "__main__")
"""What is run, not the engine: it may have sockets and files of its own."""
SOCKETS = {"aiohttp", "socket", "selectors", "http.client", "urllib.request"}
SOCKET_CALLS = {"open_connection", "create_connection", "start_server", "create_server"}
DISK = {"aiofiles", "shutil", "tempfile", "fileinput"}
DISK_CALLS = {
    *("open", "read_bytes", "read_text", "write_bytes", "write_text"),
    *("stat", "lstat", "exists", "is_file", "is_dir", "iterdir", "glob", "mkdir", "unlink"),
}
DISK_EXCEPTIONS = {
    "alipay_mini_audit.crypto.encoding": {"open"},
    "alipay_mini_audit.credentials.settings": {"read_text", "is_file"},
    "alipay_mini_audit.batch.journal.sqlite.file": {"exists", "is_dir", "open", "stat", "unlink"},
    "alipay_mini_audit.batch.journal.sqlite.lock": {"unlink"},
}
"""Keys and settings that are given as a file are read once, at construction, before any call.

The thread of a journal looks whether its files are still there and whole, and replaces its lock.
"""
WITHOUT_CODE = {
    *("codes.apply", "codes.cancel", "codes.common", "codes.versions"),
    *(f"codes.remedies.{table}" for table in ("en", "zh", "releases")),
    *(
        f"codes.meanings.{table}"
        for table in ("fields", "files", "gateway", "releases", "versions")
    ),
    *(
        f"codes.own.{table}"
        for table in (
            "folders",
            "grants",
            "inputs",
            "journals",
            "keys",
            "manifests",
            "notifications",
            "settings",
        )
    ),
    *("batch.platform", "batch.report.wording", "batch.journal.sqlite.schema"),
    "crypto.interfaces",
}
"""Tables and shapes; the tests of what reads them are theirs."""
SANDBOX_MAY_USE = {
    "alipay_mini_audit.sandbox.gateway": {"credentials"},
    "alipay_mini_audit.sandbox.pki.identity": {"credentials", "crypto"},
    "alipay_mini_audit.sandbox.pki.keyring": {"credentials"},
    "alipay_mini_audit.sandbox.pytest_plugin": {"client", "config"},
    "alipay_mini_audit.sandbox.thread": {"credentials"},
}
"""The credentials of the sandbox's own clients, and its fixture of one; beside `errors`."""


def path_of(module: str) -> Path:
    path = PACKAGE.parent.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@functools.cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(path_of(module).read_text(encoding="utf-8"))


@functools.cache
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


def uses(module: str, names: set[str]) -> set[str]:
    """Which of some modules, or modules in them, a module imports."""
    return {
        name
        for name in names
        for found in imports_of(module)
        if found == name or found.startswith(f"{name}.")
    }


def called_in(module: str) -> set[str]:
    """Names of the functions and methods that a module calls."""
    found = set()
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute):
                found.add(called.attr)
            elif isinstance(called, ast.Name):
                found.add(called.id)
    return found


def functions_of(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def each_of(modules: list[str]) -> Callable[[Callable[[str], None]], Callable[[], None]]:
    """Make one test of a rule for many modules: a thousand tests of a line cost seconds."""

    def decorate(judge: Callable[[str], None]) -> Callable[[], None]:
        def test() -> None:
            broken = []
            for module in modules:
                try:
                    judge(module)
                except AssertionError as error:
                    error.add_note(module)
                    broken.append(error)
            if broken:
                raise ExceptionGroup("modules break the rule", broken)

        return test

    return decorate


def room_of(name: str) -> str | None:
    parts = name.split(".")
    return parts[1] if parts[0] == "alipay_mini_audit" and len(parts) > 1 else None


ENGINE = [module for module in MODULES if room_of(module) not in (*PROGRAMS, None)]


def test_only_what_all_rooms_share_lies_at_the_root() -> None:
    lying = {path.stem for path in PACKAGE.glob("*.py")}
    assert lying == ROOT_MODULES | {"__init__", "__main__"}


@each_of([module for module in MODULES if room_of(module)])
def test_a_module_imports_only_from_rooms_below(module: str) -> None:
    own = room_of(module)
    if own == "_version":
        assert imports_of(module) == set()
        return
    assert own is not None
    if own == "examples":
        return  # they are for those who use the package, and so by its public names alone
    allowed = {*ROOMS[: ROOMS.index(own) + 1], "_version"}
    for name in imports_of(module):
        if name.split(".")[0] == "alipay_mini_audit" and name != "alipay_mini_audit":
            assert room_of(name) in allowed, f"{module} imports {name}"
    front_door = imports_of(module) - {"alipay_mini_audit._version"}
    assert "alipay_mini_audit" not in front_door, "use the module itself"


@each_of([name for name in MODULES if room_of(name) == "examples"])
def test_examples_use_public_names_alone(module: str) -> None:
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            if not node.module.startswith("alipay_mini_audit"):
                continue
            assert room_of(node.module) in (None, "sandbox", "contrib", "examples"), ast.unparse(
                node
            )
            public = importlib.import_module(node.module).__all__
            assert {alias.name for alias in node.names} <= set(public), ast.unparse(node)


@each_of([module for module in MODULES if room_of(module) in CORE])
def test_the_core_does_no_io(module: str) -> None:
    assert uses(module, IMPURE) == set()
    assert called_in(module) & DISK_CALLS <= DISK_EXCEPTIONS.get(module, set())


@each_of(ENGINE)
def test_only_one_room_has_sockets(module: str) -> None:
    if room_of(module) != "transport":
        assert uses(module, SOCKETS) == set()
        assert called_in(module) & SOCKET_CALLS == set()


@each_of(ENGINE)
def test_only_one_room_touches_the_disk(module: str) -> None:
    if room_of(module) != "files":
        assert uses(module, DISK) == set()
        assert called_in(module) & DISK_CALLS <= DISK_EXCEPTIONS.get(module, set())


@each_of([name for name in MODULES if room_of(name) == "sandbox"])
def test_the_sandbox_judges_by_its_own_code_and_tables(module: str) -> None:
    used = {room_of(name) for name in imports_of(module)} - {"sandbox", None}
    assert used <= {"errors", "on_demand", "system_reasons", "_version"} | SANDBOX_MAY_USE.get(
        module, set()
    )


@each_of(MODULES)
def test_only_crypto_and_the_sandbox_use_pycryptodome(module: str) -> None:
    if room_of(module) not in ("crypto", "sandbox"):
        assert uses(module, {"Crypto"}) == set()


@each_of(MODULES)
def test_modules_and_functions_are_small_and_say_what_they_are_for(module: str) -> None:
    tree = tree_of(module)
    assert ast.get_docstring(tree), f"{module} has no docstring"
    assert len(path_of(module).read_text(encoding="utf-8").splitlines()) <= 400
    for function in functions_of(tree):
        statements = sum(isinstance(inner, ast.stmt) for inner in ast.walk(function)) - 1
        assert statements < 40, f"{module}.{function.name} has {statements} statements"
        assert function.end_lineno is not None
        length = function.end_lineno - function.lineno + 1 - docstring_lines(function)
        assert length <= 60, f"{module}.{function.name} has {length} lines"


def docstring_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return len((ast.get_docstring(function, clean=False) or "").splitlines())


def test_half_of_the_modules_fit_on_two_screens() -> None:
    lengths = [len(path_of(module).read_text("utf-8").splitlines()) for module in MODULES]
    assert statistics.median(lengths) <= 130


@each_of(MODULES)
def test_nothing_is_decided_by_a_sentence(module: str) -> None:
    text = path_of(module).read_text(encoding="utf-8")
    assert not re.search(r"""\bin (problem|message|advice|reason)\b(?!:)""", text)
    assert not re.search(r"""\.r?partition\(":"\)|\bargs\[0\]""", text)
    for node in ast.walk(tree_of(module)):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            assert not any(is_text_of_an_error(side) for side in sides), ast.unparse(node)


def is_text_of_an_error(node: ast.expr) -> bool:
    """It is `str(error)`, or something made of it."""
    return any(
        isinstance(inner, ast.Call)
        and isinstance(inner.func, ast.Name)
        and inner.func.id == "str"
        and bool(inner.args)
        and isinstance(inner.args[0], ast.Name)
        and inner.args[0].id in ("error", "problem", "exc", "e", "raised")
        for inner in ast.walk(node)
    )


@each_of(ENGINE)
def test_a_module_of_the_engine_has_unit_tests_of_its_own_name(module: str) -> None:
    relative = path_of(module).relative_to(PACKAGE)
    if relative.name == "__init__.py" or relative.stem == "_version":
        return
    if module.removeprefix("alipay_mini_audit.") in WITHOUT_CODE:
        assert all(is_only_told(function) for function in functions_of(tree_of(module)))
        return
    test = ROOT / "tests" / "unit" / relative.parent / f"test_{relative.name}"
    assert test.is_file(), f"there is no {test.relative_to(ROOT)}"


def is_only_told(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """It has a docstring and `...`, as those of a protocol."""
    return all(
        isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant)
        for each in function.body
    )


IMPORT_EACH = """
import importlib, os, sys
import aiofiles, aiohttp, aiohttp.web, attrs, cattrs, pytest, rich.table, typer  # not ours
import Crypto.PublicKey.RSA
from alipay_mini_audit import *  # bottom to top, so what it brings imports alone
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


def test_the_engine_needs_neither_sandbox_nor_command_line() -> None:
    late = (
        "('alipay_mini_audit.sandbox', 'alipay_mini_audit.cli.', 'typer', 'rich', 'cryptography')"
    )
    code = (
        "import sys; from alipay_mini_audit import *; "
        f"print([name for name in sys.modules if name.startswith({late})])"
    )
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)
    assert run.stdout.strip() == "[]"
