"""The examples run as programs, and do what they say."""

import asyncio
import csv
import os
import re
import signal
import socket
import sys
from collections import Counter
from pathlib import Path

from support.sandbox_material import sandbox_material

from alipay_mini_audit import EntryState, SqliteJournal
from alipay_mini_audit.sandbox.samples import png

ROOT = Path(__file__).parents[2]
PROGRAM = (sys.executable, "-W", "error", "-m", "alipay_mini_audit.examples.night_batch")
MERCHANTS = 120


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def write_list(folder: Path, *, lost: str) -> Path:
    """A list of merchants that share their pictures; those of one are not there."""
    pictures = folder / "pictures"
    pictures.mkdir()
    names = ("app_logo", "first_screen_shot", "second_screen_shot")
    for seed, name in enumerate(names):
        content = png(10_000, seed=seed, square=name == "app_logo")
        (pictures / f"{name}.png").write_bytes(content)
    path = folder / "merchants.csv"
    with path.open("w", encoding="utf-8", newline="") as lines:
        rows = csv.writer(lines)
        rows.writerow(["key", "app_auth_token", "app_version", "version_desc", "folder"])
        for number in range(1, MERCHANTS + 1):
            key = f"shop-{number}"
            place = "nowhere" if key == lost else "pictures"
            text = "Orders can be filtered by shop now, and refunds are right again."
            rows.writerow([key, f"token-{number}", "1.0.0", text, place])
    return path


async def start(*arguments: str, cwd: Path) -> asyncio.subprocess.Process:
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    return await asyncio.create_subprocess_exec(
        *(*PROGRAM, *arguments),
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": path},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def said_by(program: asyncio.subprocess.Process) -> tuple[list[str], str]:
    out, err = await program.communicate()
    return out.decode().splitlines(), err.decode()


async def test_a_night_needs_nothing_but_a_sandbox(tmp_path: Path) -> None:
    program = await start("--sandbox", str(free_port()), cwd=tmp_path)
    said, complaint = await said_by(program)
    assert (program.returncode, complaint) == (0, "")
    assert said[-1].split() == ["40", "done"]
    assert len(said) == 41


async def test_a_night_that_was_interrupted_goes_on_at_the_next_start(tmp_path: Path) -> None:
    path = write_list(tmp_path, lost="shop-7")
    sandbox_material().write(tmp_path / "sandbox-keys")  # new ones take their time
    port = str(free_port())
    program = await start(path.name, "--sandbox", port, cwd=tmp_path)
    assert program.stdout is not None
    for _ in range(20):
        assert re.match(rb"shop-\d+ 1\.0\.0 (done|invalid)", await program.stdout.readline())
    program.send_signal(signal.SIGINT)
    said, complaint = await said_by(program)
    assert (program.returncode, complaint) == (130, "Stopped. The next start goes on from here.\n")
    done = sum(int(line.split()[0]) for line in said if line.endswith(" done"))
    assert 19 <= done < MERCHANTS - 1, said[-5:]

    program = await start(path.name, "--sandbox", port, cwd=tmp_path)
    said, complaint = await said_by(program)
    assert (program.returncode, complaint) == (5, "")
    entries = Counter(tuple(line.split()[2:]) for line in said if line.startswith("shop-"))
    assert entries["invalid", "file_not_found"] == 1
    assert entries["done", "already", "done"] >= done
    assert entries.total() == MERCHANTS
    groups = [line.strip() for line in said if not line.startswith("shop-")]
    assert groups == [f"{MERCHANTS - 1} done", "1 invalid file_not_found: shop-7"]
    async with SqliteJournal(path.with_suffix(".journal")) as journal:
        states = {row.identity.key: row.state async for row in journal.entries()}
    assert states.pop("shop-7") is EntryState.INVALID
    assert set(states.values()) == {EntryState.DONE}


async def test_a_night_without_settings_says_which_one_is_missing(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if "ALIPAY" not in name}
    program = await asyncio.create_subprocess_exec(
        *(*PROGRAM, "none.csv"),
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaint = await program.communicate()
    assert program.returncode == 1
    assert complaint.startswith(b"night_batch: ALIPAY_APP_ID")
    assert b"Traceback" not in complaint
