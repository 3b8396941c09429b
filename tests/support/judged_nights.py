"""A night whose versions have their verdicts, and what is done beside a command."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

from support.command_line import CommandLine
from support.night_folder import night_folder, run_options

from alipay_mini_audit.sandbox.thread import SandboxThread


def token(folder: Path, number: int) -> str:
    return f"token-{number}-{folder.name}"


def decide(sandbox: SandboxThread, folder: Path, *statuses: str) -> None:
    for number, status in enumerate(statuses, start=1):
        sandbox.decide(
            f"0.0.{number}",
            status,
            app_auth_token=token(folder, number),
            reject_reason="The logo is blurred." if status.endswith("REJECT") else None,
        )


def statuses(sandbox: SandboxThread, folder: Path, count: int) -> list[str]:
    return [
        sandbox.status(f"0.0.{n}", app_auth_token=token(folder, n)) for n in range(1, count + 1)
    ]


def submitted(
    run: CommandLine, sandbox: SandboxThread, folder: Path, count: int, **columns: object
) -> list[str]:
    """Submit a night; return what names journal, tokens and credentials."""
    columns = {"mini_app": lambda number: f"mini-{number}", **columns}
    night_folder(folder, sandbox.base_url, count, **columns)
    (folder / "tokens.toml").write_text(
        "".join(f'"mini-{n}" = "{token(folder, n)}"\n' for n in range(1, count + 1))
    )
    done = run("batch", "run", folder / "night.jsonl", *run_options(folder), "--yes")
    assert done.status == 0, done.err
    where = ["--tokens", str(folder / "tokens.toml"), "--credentials", str(folder / "alipay.toml")]
    return [str(folder / "journal"), *where]


def judged(
    run: CommandLine, sandbox: SandboxThread, folder: Path, *verdicts: str, **columns: object
) -> list[str]:
    """Submit a night and wait for its verdicts; return what `submitted` does."""
    options = submitted(run, sandbox, folder, len(verdicts), **columns)
    decide(sandbox, folder, *verdicts)
    assert run("watch", *options).status == (5 if "AUDIT_REJECT" in verdicts else 0)
    return options


def later(condition: Callable[[], bool], action: Callable[[], object]) -> threading.Thread:
    """Do something once something is so, beside a command."""

    def wait() -> None:
        until = time.monotonic() + 20
        while not condition() and time.monotonic() < until:
            time.sleep(0.02)
        action()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread
