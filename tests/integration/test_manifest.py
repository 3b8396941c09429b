"""Manifests: one night in three formats and two encodings, and forty that people broke."""

import asyncio
import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.broken_manifests import BROKEN

from alipay_mini_audit import (
    AuditClient,
    ClientConfig,
    EntryState,
    Manifest,
    Preflight,
    Problem,
    Submission,
    ValidationError,
)
from alipay_mini_audit.sandbox import SandboxGateway

VECTORS = Path(__file__).parents[1] / "vectors" / "manifests"
TOKEN = "202012BBs3cret"

NIGHT = [
    {
        "key": "甲店",
        "app_version": "0.0.1",
        "version_desc": "订单页改版：支持按门店筛选，\n修复“退款金额”显示错误; 优化加载速度。",
        "service_phone": "0571-88888888",
        "auto_online": True,
        "speed_up": "true",
        "license_valid_date": "2027-03-05",
        "not_before": "2026-11-25T22:00:00+08:00",
        "priority": 5,
        "template_id": "2021000000000001",
        "app_logo": "图片/logo.png",
        "first_screen_shot": "1.png",
        "second_screen_shot": "2.png",
    },
    {
        "key": "乙店",
        "app_version": "1.0",
        "version_desc": '首页、"我的"页面改版, 增加会员卡与优惠券入口，修复已知问题。',
        "service_phone": "13800138000",
        "auto_online": False,
        "speed_up": False,
        "license_valid_date": "9999-12-31",
        "not_before": "2026-11-26 00:00",
        "screen_shots": ["a.png", "b.png", "c.png"],
    },
]
TOML = """
[defaults]
service_phone = "13800138000"

[[submission]]
key = "甲店"
app_version = "0.0.1"
version_desc = \"\"\"
订单页改版：支持按门店筛选，
修复“退款金额”显示错误; 优化加载速度。\"\"\"
service_phone = "0571-88888888"
auto_online = true
speed_up = true
license_valid_date = 2027-03-05
not_before = 2026-11-25T14:00:00Z
priority = 5
template_id = "2021000000000001"
app_logo = "图片/logo.png"
screen_shots = "1.png;2.png"

[[submission]]
key = "乙店"
app_version = "1.0"
version_desc = '首页、"我的"页面改版, 增加会员卡与优惠券入口，修复已知问题。'
auto_online = false
speed_up = "false"
license_valid_date = "9999-12-31"
not_before = 2026-11-26
screen_shots = ["a.png", "b.png", "c.png"]
"""


async def submissions_of(path: Path, **options: str) -> list[Submission]:
    manifest = Manifest.read(path, **options)
    problems = await manifest.problems()
    assert not problems, [str(each) for each in problems]
    return [each async for each in manifest]


def open_files() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def json_lines(entries: list[dict[str, object]]) -> str:
    return "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in entries)


async def test_each_format_and_encoding_gives_the_same_submissions(tmp_path: Path) -> None:
    """Two tables are LibreOffice 7.4's, of the workbook night.fods, made by way of xlsx.

    `soffice --headless --convert-to "csv:Text - txt - csv (StarCalc):OPTIONS"` with the options
    44,34,76,1,,2052,false,true,false,false,false,-1 and, for `;` and GB 18030, 59 and 85 in place
    of 44 and 76.
    """
    path = tmp_path / "night.jsonl"
    path.write_text(json_lines(NIGHT))
    expected = await submissions_of(path)
    assert [each.key for each in expected] == ["甲店", "乙店"]
    for table in ("night_libreoffice.csv", "night_libreoffice_gbk.csv"):
        content = (VECTORS / table).read_bytes()
        (tmp_path / "night.csv").write_bytes(content)
        assert await submissions_of(tmp_path / "night.csv") == expected
    text = (VECTORS / "night_libreoffice.csv").read_text()
    for encoding in ("utf-8-sig", "utf-16", "gbk"):
        (tmp_path / "night.csv").write_bytes(text.replace("\n", "\r\n").encode(encoding))
        assert await submissions_of(tmp_path / "night.csv") == expected
    (tmp_path / "night.toml").write_text(TOML)
    assert await submissions_of(tmp_path / "night.toml") == expected
    (tmp_path / "night.toml").write_bytes(TOML.encode("gbk"))
    assert await submissions_of(tmp_path / "night.toml", encoding="gbk") == expected


def test_there_are_forty_broken_manifests() -> None:
    assert len(BROKEN) >= 40


async def test_a_broken_manifest_is_told_with_its_line_in_both_languages(tmp_path: Path) -> None:
    wrong = []
    for what, (name, content, expected) in BROKEN.items():
        (tmp_path / name).write_bytes(content)
        problems = await Manifest.read(tmp_path / name).problems()
        found = [
            f"{each.path.replace(str(tmp_path), '*').replace('*/nowhere', '*')} {each.code}"
            for each in problems
        ]
        if found != expected or not all(map(is_clear, problems)):
            wrong.append((what, found, [str(each) for each in problems]))
        assert "s3" not in "".join(map(str, problems))
    assert not wrong


def is_clear(problem: Problem) -> bool:
    chinese = problem.in_language("zh").message
    return 10 < len(problem.message) < 300 and any("\u4e00" <= each <= "\u9fff" for each in chinese)


@pytest.mark.parametrize("kind", ["utf-8", "gbk"])
async def test_problems_of_all_lines_come_at_once_and_the_right_ones_go(
    tmp_path: Path, kind: str
) -> None:
    path = tmp_path / "night.csv"
    text = "key,app_version,memo,auto_online\r\n甲,1,,是\r\n乙,,x,\r\n丙,3,,也许\r\n丁,4,,否\r\n"
    path.write_bytes(text.encode(kind))
    manifest = Manifest.read(path)
    assert [each.path for each in await manifest.problems()] == [
        "night.csv:3:app_version",
        "night.csv:4:auto_online",
    ]
    for _ in range(2):
        assert [each.key async for each in manifest] == ["甲", "丁"]


async def test_a_thousand_problems_are_kept_and_the_rest_counted(tmp_path: Path) -> None:
    path = tmp_path / "night.jsonl"
    good = '{"key": "k", "app_version": "1"}\n'
    path.write_text(good + "[]\n" * 1500)
    *kept, last = await Manifest.read(path).problems()
    assert len(kept) == 1000
    assert kept[0].path == "night.jsonl:2"
    assert (last.path, last.code) == ("night.jsonl", "more_problems")
    assert "500" in last.message
    assert "500" in last.in_language("zh").message


async def test_errors_take_the_place_of_warnings(tmp_path: Path) -> None:
    path = tmp_path / "night.csv"
    rows = [f"k{number},{number},57188888888\n" for number in range(1200)]
    path.write_text("key,app_version,service_phone\n" + "".join(rows) + "x,,\n")
    found = await Manifest.read(path).problems()
    assert [each.code for each in found][-2:] == ["version_missing", "more_problems"]
    assert len(found) == 1001


async def test_nothing_shows_a_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERCHANT_TOKEN", TOKEN)
    (tmp_path / "tokens.csv").write_text(f"mini_app,app_auth_token\n2021,{TOKEN}\n")
    path = tmp_path / "night.jsonl"
    path.write_text(
        json_lines(
            [
                {"app_version": "1", "app_auth_token": TOKEN},
                {"app_version": "2", "app_auth_token_env": "MERCHANT_TOKEN"},
                {"app_version": "3", "mini_app": "2021"},
                {"app_version": "4", "app_auth_token": f"{TOKEN} "},
                {"app_version": 5, "app_auth_token_env": TOKEN},
                {TOKEN[:3]: "x", "app_version": "5", "app_auth_token": [TOKEN]},
            ]
        )
    )
    manifest = Manifest.read(path, tokens=tmp_path / "tokens.csv")
    problems = await manifest.problems()
    found = [each async for each in manifest]
    assert [each.app_auth_token for each in found] == [TOKEN] * 4
    assert len({each.key for each in found}) == 4
    assert TOKEN not in f"{manifest!r} {problems!r} {found!r} {[str(each) for each in problems]}"


async def test_a_change_between_the_check_and_the_night_is_told(tmp_path: Path) -> None:
    path = tmp_path / "night.jsonl"
    path.write_text('{"app_version": "1"}\n')
    manifest = Manifest.read(path)
    assert not await manifest.problems()
    path.write_text('{"app_version": "2"}\n')
    with pytest.raises(ValidationError) as caught:
        [each async for each in manifest]
    assert [(each.path, each.code) for each in caught.value.problems] == [
        ("night.jsonl", "file_changed")
    ]
    assert not await manifest.problems()
    assert [each.key async for each in manifest] == ["2"]


async def test_a_change_while_it_is_read_is_told(tmp_path: Path) -> None:
    path = tmp_path / "night.jsonl"
    path.write_text("".join(f'{{"app_version": "{number}"}}\n' for number in range(5000)))
    reading = aiter(Manifest.read(path))
    assert (await anext(reading)).key == "0"
    path.write_text("{}\n")
    with pytest.raises(ValidationError):
        [each async for each in reading]


async def test_reading_opens_nothing_and_leaves_nothing_open(tmp_path: Path) -> None:
    path = tmp_path / "night.jsonl"
    manifest = Manifest.read(path)
    path.write_text("".join(f'{{"app_version": "{number}"}}\n' for number in range(5000)))
    before = open_files()
    reading = aiter(manifest)
    assert (await anext(reading)).key == "0"
    assert open_files() == before + 1
    await reading.aclose()  # type: ignore[attr-defined]  # it is a generator
    assert open_files() == before


async def test_one_that_is_cancelled_leaves_nothing_open(tmp_path: Path) -> None:
    path = tmp_path / "night.jsonl"
    path.write_text("".join(f'{{"app_version": "{number}"}}\n' for number in range(20_000)))
    before = open_files()
    task = asyncio.create_task(Manifest.read(path).problems())
    while open_files() == before:  # noqa: ASYNC110  # the thread tells nobody
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert open_files() == before


async def test_memory_does_not_grow_with_the_lines_but_for_digests(tmp_path: Path) -> None:
    def lines(count: int) -> Iterator[str]:
        for number in range(count):
            yield f'{{"app_version": "{number}", "memo": "{"x" * 1000}"}}\n'

    peaks = []
    for count in (300, 1500):
        path = tmp_path / f"{count}.jsonl"
        path.write_text("".join(lines(count)))
        tracemalloc.start()
        async for _ in Manifest.read(path):
            pass
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] - peaks[0] < 1200 * 600


async def test_a_manifest_is_submitted(tmp_path: Path) -> None:
    path = tmp_path / "night.csv"
    text = "订单页改版：支持按门店筛选，修复退款金额显示错误。"
    rows = [f"k{number},0.0.{number},m{number},t{number},{text}\n" for number in range(3)]
    path.write_text("key,app_version,mini_app,app_auth_token,version_desc\n" + "".join(rows))
    async with SandboxGateway(strict=False) as gateway:
        config = ClientConfig(base_url=gateway.base_url, preflight=Preflight.OFF)
        async with AuditClient(gateway.credentials, config) as client:
            entries = [each async for each in client.submit_many(Manifest.read(path))]
    assert {each.key: each.state for each in entries} == dict.fromkeys(
        ["k0", "k1", "k2"], EntryState.DONE
    )
    assert sorted((each.app_version, each.app_auth_token) for each in gateway.submissions) == [
        (f"0.0.{number}", f"t{number}") for number in range(3)
    ]
