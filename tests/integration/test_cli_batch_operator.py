"""`alipay-mini-audit batch`: what an operator does to a night between two runs of it."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command_line import CommandLine
from support.night_folder import night_folder, run_options

from alipay_mini_audit.sandbox import Material, SandboxGateway
from alipay_mini_audit.sandbox.thread import SandboxThread


@pytest.fixture(scope="module")
def sandbox(material: Material) -> Iterator[SandboxThread]:
    with SandboxThread(SandboxGateway(material=material)) as sandbox:
        yield sandbox


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    monkeypatch.setenv("ALIPAY_MINI_AUDIT_LANG", "en")
    return CommandLine(monkeypatch, capsys)


def rewrite(manifest: Path, **columns: object) -> None:
    """Change columns of all lines, one that is called with its number if it can be called."""
    lines = [json.loads(line) for line in manifest.read_text().splitlines()]
    for number, line in enumerate(lines, 1):
        line |= {name: each(number) if callable(each) else each for name, each in columns.items()}
    manifest.write_text("".join(f"{json.dumps(line)}\n" for line in lines))


def test_a_column_mini_app_between_two_runs_sends_nothing_twice(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    manifest = night_folder(tmp_path, sandbox.base_url, 3, key=None, app_version="4.0.1")
    night = ("batch", "run", manifest, *run_options(tmp_path), "--yes", "--json")
    journal = tmp_path / "journal"
    assert run(*night).status == 0
    arrived = len(sandbox.arrivals)
    rewrite(manifest, mini_app=lambda number: f"2021{number}")
    planned = run(*night, "--dry-run").lines_of_json
    assert planned[-1]["summary"]["actions"] == {"done": 3}
    out = tmp_path / "left.jsonl"
    assert not run("batch", "export", journal, "--manifest", manifest, "--out", out).status
    assert not out.exists()
    again = run(*night)
    assert again.status == 0
    assert again.lines_of_json[-1]["summary"]["counts"] == {"done": 3}
    assert len(sandbox.arrivals) == arrived
    facts = run("batch", "report", journal, "--json").lines_of_json
    assert [each["key"] for each in facts[:-1]] == [f"2021{n}@4.0.1" for n in (1, 2, 3)]


def test_new_keys_and_a_mini_app_at_once_are_told(
    run: CommandLine, sandbox: SandboxThread, tmp_path: Path
) -> None:
    manifest = night_folder(tmp_path, sandbox.base_url, 1, app_version="4.1.1")
    night = ("batch", "run", manifest, *run_options(tmp_path), "--yes", "--json")
    assert run(*night).status == 0
    arrived = len(sandbox.arrivals)
    rewrite(manifest, mini_app="2021", key="another")
    again = run(*night)
    assert again.status == 5
    entry, _ = again.lines_of_json
    assert entry["state"] == "invalid"
    assert "shop-1 submits the same version" in json.dumps(entry["problems"])
    assert len(sandbox.arrivals) == arrived
