"""What is loaded, and how long that takes: all of it in fresh processes."""

import subprocess
import sys
from collections.abc import Iterable

import pytest

import alipay_mini_audit

resource = pytest.importorskip("resource")
COMMAND_LINE = """
import sys
from alipay_mini_audit.__main__ import main
sys.argv = ["alipay-mini-audit", *sys.argv[1:]]
try:
    main()
except SystemExit as ended:
    assert not ended.code, ended.code
print(*sys.modules, sep="\\n", file=sys.stderr)
"""
ROUNDS = 5
TRIES = 3


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=30)


def loaded_by(code: str) -> set[str]:
    return set(python(f"import sys\n{code}\nprint(*sys.modules)").stdout.split())


def seconds_of(codes: Iterable[str]) -> dict[str, float]:
    """The least CPU time of some rounds: that of others on the machine is none of it."""
    best = dict.fromkeys(codes, float("inf"))
    for _ in range(ROUNDS):
        for code in best:
            began = cpu_of_children()
            python(code)
            best[code] = min(best[code], cpu_of_children() - began)
    return best


def cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return float(used.ru_utime + used.ru_stime)


def test_importing_the_package_loads_no_other_package_of_ours_or_others() -> None:
    loaded = loaded_by("import alipay_mini_audit")
    assert {name for name in loaded if name.startswith("alipay_mini_audit.")} == {
        "alipay_mini_audit._version",
        "alipay_mini_audit.on_demand",
    }
    assert not loaded & {"aiohttp", "asyncio", "attrs", "Crypto", "cattrs", "sqlite3"}


def test_a_client_is_not_loaded_with_what_few_need() -> None:
    loaded = loaded_by("from alipay_mini_audit import AuditClient, Credentials")
    late = {"alipay_mini_audit.batch", "alipay_mini_audit.sandbox", "sqlite3", "imagesize"}
    assert "aiohttp" in loaded
    assert not loaded & {*late, "Crypto.PublicKey.RSA", "Crypto.Cipher.AES", "cryptography"}


@pytest.mark.parametrize(
    "code",
    ["import alipay_mini_audit", "from alipay_mini_audit import AuditClient, Credentials"],
)
def test_an_import_takes_less_than_twice_that_of_aiohttp(code: str) -> None:
    seconds: dict[str, float] = {}
    for _ in range(TRIES):  # a machine that is busy with other tests has a better moment
        seconds = seconds_of(["pass", "import aiohttp", code])
        if ours_of(seconds, code) < 2:
            break
    assert ours_of(seconds, code) < 2


def ours_of(seconds: dict[str, float], code: str) -> float:
    """How many times as long as aiohttp some code takes to load."""
    return (seconds[code] - seconds["pass"]) / (seconds["import aiohttp"] - seconds["pass"])


def test_a_cipher_has_all_that_its_first_call_needs() -> None:
    """That call may be on an event loop."""
    loaded = loaded_by(
        "from alipay_mini_audit import ContentCipher\n"
        "ContentCipher('MDEyMzQ1Njc4OWFiY2RlZg==')\n"
        "before = set(sys.modules)\n"
        "ContentCipher('MDEyMzQ1Njc4OWFiY2RlZg==').encrypt('text')\n"
        "assert set(sys.modules) == before"
    )
    assert "Crypto.Cipher.AES" in loaded


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_and_version_load_no_engine(option: str) -> None:
    ran = python(COMMAND_LINE, option)
    late = {"aiohttp", "asyncio", "Crypto", "cattrs", "rich.console", "alipay_mini_audit.sandbox"}
    late |= {f"alipay_mini_audit.{room}" for room in ("client", "config", "credentials", "crypto")}
    assert ran.stdout
    assert not set(ran.stderr.split()) & late


def test_the_version_is_that_of_the_package() -> None:
    ran = python(COMMAND_LINE, "--version")
    assert ran.stdout == f"alipay-mini-audit {alipay_mini_audit.__version__}\n"


def test_the_first_wait_for_a_verdict_loads_little() -> None:
    """It is on an event loop, and may be that of a web application."""
    loaded = loaded_by(
        "from alipay_mini_audit import AuditClient, Credentials, Inbox\n"
        "from alipay_mini_audit.client import watching"
    )
    late = {"release_policy", "releasing", "grants", "resubmission"}
    assert not loaded & {f"alipay_mini_audit.lifecycle.{module}" for module in late}
