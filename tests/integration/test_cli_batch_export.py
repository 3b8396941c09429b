"""`alipay-mini-audit batch export`: what is left of a night, to be mended and sent again."""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.full_disk import largest_file

from alipay_mini_audit import (
    AuditClient,
    BatchPolicy,
    ClientConfig,
    Manifest,
    Preflight,
    SqliteJournal,
    __main__,
)
from alipay_mini_audit.sandbox import Fault, SandboxGateway

Run = Callable[..., tuple[object, str, str]]
Night = tuple[Path, Path]

TEXT = "订单页改版，支持按门店筛选，修复退款金额显示错误。"
TABLE = (
    "key;app_version;version_desc;auto_online\r\n"
    f'甲;0.0.1;"{TEXT}";是\r\n'
    f'乙;0.0.2;"{TEXT}\r\n第二行";否\r\n'
    f"丙;0.0.3;{TEXT};也许\r\n"
    f"丁;0.0.4;{TEXT};是\r\n"
    f"戊;0.0.5;{TEXT};否"
)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*arguments: object) -> tuple[object, str, str]:
        argv = ["alipay-mini-audit", "batch", "export", *map(str, arguments)]
        monkeypatch.setattr(sys, "argv", argv)
        with pytest.raises(SystemExit) as caught:
            __main__.main()
        printed = capsys.readouterr()
        return caught.value.code or 0, printed.out, printed.err

    return run


async def night(manifest: Path, journal: Path) -> None:
    """Let the platform refuse the first two, and put the last but one on hold."""
    policy = BatchPolicy(concurrency=1)
    async with SandboxGateway(strict=False) as gateway, SqliteJournal(journal) as book:
        await book.hold(key="丁")
        gateway.faults.add(Fault.answer("SCREEN_SHOT_NUM_IS_INVALID"), operation="apply", times=1)
        gateway.faults.add(Fault.answer("BRAND_NEW_CODE"), operation="apply", times=1)
        config = ClientConfig(base_url=gateway.base_url, preflight=Preflight.OFF)
        async with AuditClient(gateway.credentials, config) as client:
            entries = client.submit_many(Manifest.read(manifest), journal=book, policy=policy)
            assert [each.key async for each in entries]


@pytest.fixture(scope="module")
def after_a_night(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("night")
    manifest, journal = folder / "night.csv", folder / "night.journal"
    manifest.write_bytes(TABLE.encode("gbk"))
    asyncio.run(night(manifest, journal))
    return manifest, journal


def test_what_was_refused_is_written_with_the_reason(run: Run, after_a_night: Night) -> None:
    manifest, journal = after_a_night
    out = manifest.with_name("refused.csv")
    options = ("--manifest", manifest, "--state", "refused", "--lang", "zh", "--out", out)
    status, said, err = run(journal, *options)
    assert (status, err) == (0, "")
    assert said == f"已写入：{out}（2 行：被拒绝 2）\n"
    lines = out.read_bytes().decode("gbk").split("\r\n")
    original = TABLE.split("\r\n")
    assert lines[0] == f"{original[0]};reason;code"
    assert lines[1].startswith(f"{original[1]};")
    assert "截图" in lines[1]
    assert lines[1].endswith(";SCREEN_SHOT_NUM_IS_INVALID")
    assert lines[2] == original[2]
    assert lines[3] == f"{original[3]};BRAND_NEW_CODE;BRAND_NEW_CODE"
    assert lines[4:] == [""]
    status, said, err = run(journal, *options)
    assert (status, said, err) == (1, "", f"--out：{out} 已存在。\n")


async def keys_of(path: Path) -> list[str]:
    return [each.key async for each in Manifest.read(path)]


def test_all_that_is_left_can_be_sent_again(run: Run, after_a_night: Night) -> None:
    manifest, journal = after_a_night
    out = manifest.with_name("left.csv")
    status, said, _ = run(journal, "--manifest", manifest, "--out", out, "--json")
    assert (status, json.loads(said)) == (
        0,
        {"out": str(out), "lines": 4, "states": {"refused": 2, "invalid": 1, "held": 1}},
    )
    assert "auto_online" in out.read_bytes().decode("gbk").split("也许;")[1]
    out.write_bytes(out.read_bytes().replace("也许".encode("gbk"), "是".encode("gbk")))
    assert asyncio.run(keys_of(out)) == ["甲", "乙", "丙", "丁"]


def test_a_line_that_uses_an_unknown_column_is_invalid(
    run: Run, after_a_night: Night, tmp_path: Path
) -> None:
    _, journal = after_a_night
    manifest, out = tmp_path / "other.csv", tmp_path / "left.csv"
    manifest.write_text("key,app_version,memmo\na,9.9.9,x\nb,9.9.8,\n")
    manifest.chmod(0o600)
    options = ("--manifest", manifest, "--out", out, "--lang", "en", "--state", "invalid")
    assert run(journal, *options)[0] == 0
    assert out.read_text() == (
        "key,app_version,memmo,reason,code\n"
        'a,9.9.9,x,"a column of it is unknown, or there twice",unknown_column\n'
    )
    assert out.stat().st_mode & 0o777 == 0o600


def test_several_states_and_none(run: Run, after_a_night: Night, tmp_path: Path) -> None:
    manifest, journal = after_a_night
    out = tmp_path / "some.csv"
    status, said, err = run(
        *(journal, "--manifest", manifest, "--out", out, "--lang", "en"),
        *("--state", "held,invalid", "--state", "done"),
    )
    assert (status, said) == (0, f"Written: {out} (3 lines: done 1, held 1, invalid 1)\n")
    assert err.startswith("Note: relative paths")
    nothing = tmp_path / "none.csv"
    status, said, _ = run(
        *(journal, "--manifest", manifest, "--out", nothing, "--state", "unknown", "--json")
    )
    assert (status, json.loads(said)) == (0, {"out": None, "lines": 0, "states": {}})
    assert not nothing.exists()


def test_a_full_disk_leaves_no_half_of_a_manifest(
    run: Run, after_a_night: Night, tmp_path: Path
) -> None:
    manifest, journal = after_a_night
    with largest_file(100):
        status, out, err = run(journal, "--manifest", manifest, "--out", tmp_path / "left.csv")
    assert (status, out, err.count("\n")) == (1, "", 1)
    assert list(tmp_path.iterdir()) == []


def test_a_line_that_the_journal_does_not_know_is_planned(
    run: Run, after_a_night: Night, tmp_path: Path
) -> None:
    _, journal = after_a_night
    manifest, out = tmp_path / "other.jsonl", tmp_path / "left.jsonl"
    manifest.write_text('{"key": "new", "app_version": "9.9.9"}\n')
    assert run(journal, "--manifest", manifest, "--out", out, "--lang", "en")[0] == 0
    assert json.loads(out.read_text()) == {
        "key": "new",
        "app_version": "9.9.9",
        "reason": "not begun",
        "code": "",
    }


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"--state": "refusd"}, "--state: there is no state refusd"),
        ({"--out": "left.toml"}, "--out: the name has to end with .csv"),
        ({"--manifest": "none.csv"}, "none.csv: there is no file"),
        ({"journal": "none.journal"}, "There is no journal "),
        ({"--encoding": "utf-8"}, "night.csv:2: from here on the text is not utf-8"),
        ({"--tokens": "none.toml"}, "none.toml: there is no file"),
    ],
)
def test_what_cannot_be_used_is_one_line(
    run: Run,
    after_a_night: Night,
    tmp_path: Path,
    changed: dict[str, str],
    said: str,
) -> None:
    manifest, journal = after_a_night
    options = {"--manifest": str(manifest), "--out": str(tmp_path / "left.csv"), "--lang": "en"}
    journal = tmp_path / changed.get("journal", journal)
    options |= {name: value for name, value in changed.items() if name != "journal"}
    if "/" not in options["--out"]:
        options["--out"] = str(tmp_path / options["--out"])
    arguments = [part for option in options.items() for part in option]
    status, out, err = run(journal, *arguments)
    assert (status, out) == (1, "")
    assert err.startswith(said)
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
