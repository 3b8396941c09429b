"""`alipay-mini-audit init`: what it writes, what it asks, and what it pulls from the platform."""

import asyncio
import datetime
import io
import json
import os
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.bad_pictures import plain
from support.command_line import CommandLine
from support.full_disk import largest_file
from support.languages import CHINESE
from support.pictures import saved

from alipay_mini_audit import AuditApply, AuditClient, ClientConfig, check
from alipay_mini_audit.attachments import PARTS
from alipay_mini_audit.cli.connection import Connection
from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.folders.starting import Start
from alipay_mini_audit.cli.folders.template import submission_text, toml_value
from alipay_mini_audit.files.folder import read_submission
from alipay_mini_audit.models.fields import FIELDS
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway, SandboxThread

SENT = {
    "app_version": "2.10.3",
    "version_desc": "按门店筛选订单：\n\t修复“退款”金额错误；\r\n优化首页 \\ 加载速度，共 3 项。",
    "app_name": "测试商家+店-铺_1",
    "app_english_name": "ShopOfTests",
    "app_slogan": '"""一家"好"店',
    "app_desc": "第一行介绍这家店铺的内容。\n\n第三行。\n",
    "memo": "请在工作时间联系我们。",
    "service_phone": "0571-88888888",
    "service_email": "service@shop.cn",
    "region_type": "LOCATION",
    "service_region_info": [
        {"province_code": "330000", "province_name": "浙江省", "city_code": "330100"},
        {"province_code": "310000"},
    ],
    "app_category_ids": "11_12;12_13",
    "mini_category_ids": "XS1001_XS2001_XS3002;XS1011_XS2089",
}
"""Every field that a detail query answers."""
NOT_ANSWERED = {"license_no": "91330100", "test_accout": "tester", "test_password": "hunter2"}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(monkeypatch, capsys)


@pytest.fixture
def sandbox(
    material: Material, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SandboxThread]:
    keys = tmp_path / "keys"
    material.write(keys)
    monkeypatch.setenv("ALIPAY_APP_ID", material.app_id)
    monkeypatch.setenv("ALIPAY_PRIVATE_KEY", str(keys / "app_private_key.pem"))
    monkeypatch.setenv("ALIPAY_PUBLIC_KEY", str(keys / "alipay_public_key.pem"))
    with SandboxThread(SandboxGateway(material=material)) as sandbox:
        monkeypatch.setenv("ALIPAY_BASE_URL", sandbox.base_url)
        yield sandbox


def held(folder: Path) -> dict[str, object]:
    return tomllib.loads((folder / "submission.toml").read_text(encoding="utf-8"))


def test_a_folder_is_begun_with_fields_comments_and_a_schema(
    run: CommandLine, tmp_path: Path
) -> None:
    folder = tmp_path / "shops" / "7"
    given_there = ("--set", "app_version=1.0.0", "--set", "license_valid_date=2030-01-02")
    ended = run("init", folder, *given_there, "--set", "auto_online=YES", "--set", "memo=a=b")
    assert (ended.status, ended.err) == (0, "")
    assert ended.out.splitlines() == [
        f"Written: {folder}/submission.toml",
        f"Written: {folder}/submission.schema.json",
        f"Put the pictures there, and then: alipay-mini-audit check {folder}",
    ]
    assert held(folder) == {
        "app_version": "1.0.0",
        "version_desc": "",
        "memo": "a=b",
        "license_valid_date": datetime.date(2030, 1, 2),
        "auto_online": True,
    }
    text = (folder / "submission.toml").read_text(encoding="utf-8")
    assert text.splitlines()[0] == "#:schema ./submission.schema.json"
    for spec in FIELDS.values():
        assert f"{spec.wire_name} = " in text
    assert "screenshots/1.png" in text
    assert not CHINESE.search(text)
    schema = json.loads((folder / "submission.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    good = SENT | {"license_valid_date": "2030-01-02", "first_screen_shot": "a.png"}
    assert list(jsonschema.Draft202012Validator(schema).iter_errors(good)) == []


def test_every_example_is_a_toml_value_that_a_request_takes(
    run: CommandLine, tmp_path: Path
) -> None:
    run("init", tmp_path / "shop", "--lang", "zh")
    text = (tmp_path / "shop" / "submission.toml").read_text(encoding="utf-8")
    assert CHINESE.search(text)
    names = [spec.wire_name for spec in FIELDS.values()]
    opened = [line.removeprefix("# ") for line in text.splitlines()]
    settings = [line for line in opened if line.split(" = ")[0] in names]
    assert len(settings) == 22
    AuditApply.from_wire(tomllib.loads("\n".join(settings)))


def test_nothing_is_overwritten(run: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "submission.schema.json").write_text("{}")
    told = json.loads(run("init", tmp_path, "--json").out)
    assert (told["written"], told["kept"]) == (["submission.toml"], ["submission.schema.json"])
    (tmp_path / "submission.toml").write_text("# mine")
    for language, sentence in {"en": "overwrites nothing", "zh": "不会覆盖"}.items():
        ended = run("init", tmp_path, "--lang", language)
        assert (ended.status, ended.out) == (1, "")
        assert sentence in ended.err
    assert (tmp_path / "submission.toml").read_text() == "# mine"
    assert (tmp_path / "submission.schema.json").read_text() == "{}"


def test_all_that_is_wrong_with_options_is_told_and_nothing_is_written(
    run: CommandLine, tmp_path: Path
) -> None:
    options = ("--set", "app_verson=1", "--set", "auto_online=perhaps", "--set", "memo=\x1b")
    ended = run("init", tmp_path / "shop", *options)
    assert (ended.status, ended.out) == (1, "")
    for word in ("app_version?", "auto_online", "memo", "U+001B"):
        assert word in ended.err
    assert run("init", tmp_path / "shop", "--set", "x").err == "--set: expected NAME=VALUE.\n"
    assert not (tmp_path / "shop").exists()


def test_a_full_disk_leaves_no_half_of_a_folder(run: CommandLine, tmp_path: Path) -> None:
    for room in (1000, 4000):  # too little for the fields, and for the schema behind them
        with largest_file(room):
            ended = run("init", tmp_path / "shops" / "7", "--set", "app_version=1.0.0")
        assert (ended.status, ended.out) == (1, "")
        assert f"{tmp_path / 'shops' / '7'}/submission." in ended.err
        assert list(tmp_path.iterdir()) == []


def test_the_next_command_can_be_copied_into_a_shell(
    run: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    last = run("init", "my shop; it's").out.splitlines()[-1]
    command = last.removeprefix("Put the pictures there, and then: ")
    assert shlex.split(command) == ["alipay-mini-audit", "check", "my shop; it's"]


def test_of_several_at_once_one_begins_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "shops" / "7"
    start = Start(folder=folder, language="en", as_json=True)

    def begin(number: int) -> str:
        try:
            start.run([f"app_version=1.0.{number}"], Connection(credentials=None), None)
        except CommandFailed as error:
            return str(error)
        return f"1.0.{number}"

    with ThreadPoolExecutor(8) as pool:
        others = set(pool.map(begin, range(8)))
    others.remove(f"{folder}/submission.toml is there already, and init overwrites nothing.")
    (winner,) = others
    assert held(folder)["app_version"] == winner
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["submission.schema.json", "submission.toml"]


def test_what_the_check_would_refuse_is_told_of_options_too(
    run: CommandLine, tmp_path: Path
) -> None:
    options = ("app_version=9999999999999.0.0", "version_desc=short", "app_name=<>", "license_no=")
    for language, word in {"en": "version_desc", "zh": "至少"}.items():
        sets = [f"--set={each}" for each in options]
        ended = run("init", tmp_path / "shop", *sets, "--lang", language)
        assert (ended.status, ended.out) == (1, "")
        assert word in ended.err
        for name in ("app_version: ", "version_desc: ", "app_name: "):
            assert name in ended.err
        assert "license_no" not in ended.err
    assert not (tmp_path / "shop").exists()


class Terminal(io.StringIO):
    """A keyboard on which somebody has typed already."""

    def isatty(self) -> bool:
        return True


def test_on_a_terminal_it_asks_for_what_every_call_needs(
    run: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "支持按门店筛选订单，修复退款金额显示错误。"
    monkeypatch.setattr(sys, "stdin", Terminal(f"1.2.3\n{text} \n"))
    ended = run("init", tmp_path / "a", "--lang", "zh")
    assert ended.status == 0
    assert "app_version: " in ended.out
    assert held(tmp_path / "a") == {"app_version": "1.2.3", "version_desc": text}
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    ended = run("init", tmp_path / "b", "--set", "app_version=1")
    assert (ended.status, "app_version: " in ended.out) == (0, False)
    assert held(tmp_path / "b") == {"app_version": "1", "version_desc": ""}


def test_what_no_call_can_hold_is_asked_again(
    run: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal("1.0\x1b[A\n1.0.1\n\udcff\n\n"))
    told = run("init", tmp_path / "a").err
    assert "app_version: there is a control character (U+001B) at position 3. Remove it." in told
    assert "(U+DCFF)" in told
    assert held(tmp_path / "a") == {"app_version": "1.0.1", "version_desc": ""}


def test_a_terminal_may_send_what_is_no_utf8(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    command = (sys.executable, "-m", "alipay_mini_audit", "init", str(tmp_path / "a"))
    environment = os.environ | {"PYTHONIOENCODING": "utf-8:strict"}
    os.write(ours, b"1.0.0\n\xff\n\n")
    with subprocess.Popen(
        command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as program:
        os.close(theirs)
        _, told = program.communicate(timeout=30)
    os.close(ours)
    assert program.returncode == 0
    assert b"U+DCFF" in told
    assert held(tmp_path / "a") == {"app_version": "1.0.0", "version_desc": ""}


def test_a_warning_is_told_and_the_answer_taken(run: CommandLine, tmp_path: Path) -> None:
    ended = run("init", tmp_path / "a", "--set", "app_version=one")
    assert ended.status == 0
    assert ended.err.startswith("warning  app_version: ")
    assert held(tmp_path / "a") == {"app_version": "one", "version_desc": ""}


def test_what_the_check_would_refuse_is_asked_for_again(
    run: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "Orders can be filtered by shop, refunds show the right amount."
    monkeypatch.setattr(
        sys, "stdin", Terminal(f"9999999999999.0.0\n1.0.0\ntoo short\n\x1b{text}\n{text}\n")
    )
    ended = run("init", tmp_path / "a", "--lang", "en")
    assert ended.status == 0
    assert (ended.out.count("app_version: "), ended.out.count("version_desc: ")) == (2, 3)
    assert ended.err.count("error    ") == 3
    assert "\x1b" not in ended.err
    assert held(tmp_path / "a") == {"app_version": "1.0.0", "version_desc": text}
    monkeypatch.setattr(sys, "stdin", Terminal("9999999999999.0.0\n"))  # and then the input ends
    assert run("init", tmp_path / "b").status == 0
    assert held(tmp_path / "b") == {"app_version": "", "version_desc": ""}


def test_what_is_pulled_is_what_was_sent(
    run: CommandLine, tmp_path: Path, sandbox: SandboxThread
) -> None:
    async def submit() -> None:
        config = ClientConfig(base_url=sandbox.base_url)
        async with AuditClient(sandbox.credentials, config) as client:
            await client.apply(AuditApply.from_wire(SENT | NOT_ANSWERED))

    asyncio.run(submit())
    ended = run("init", tmp_path / "shop", "--from-version", "2.10.3")
    assert (ended.status, ended.err) == (0, "")
    fields = read_submission(tmp_path / "shop").fields
    assert fields == SENT
    pulled = AuditApply.from_wire(fields)
    assert pulled.to_wire() == AuditApply.from_wire(SENT).to_wire()
    assert "hunter2" not in (tmp_path / "shop" / "submission.toml").read_text(encoding="utf-8")

    run("init", tmp_path / "next", "--from-version", "2.10.3", "--set", "app_version=2.11.0")
    next_one = SENT | {"app_version": "2.11.0"}
    assert read_submission(tmp_path / "next").fields == next_one

    sandbox.decide("2.10.3", "RELEASE")
    assert run("check", tmp_path / "next").status == 0
    assert run("apply", tmp_path / "next", "--yes").status == 0
    first, second = sandbox.submissions
    assert second.fields == next_one
    assert first.fields == SENT | NOT_ANSWERED


def test_a_platform_that_refuses_leaves_nothing_behind(
    run: CommandLine, tmp_path: Path, sandbox: SandboxThread
) -> None:
    sandbox.faults.add(Fault.answer("BUNDLE_ID_NOT_EXIST", 400))
    ended = run("init", tmp_path / "shop", "--from-version", "1.0.0")
    assert (ended.status, ended.err.count("\n")) == (2, 1)
    assert "BUNDLE_ID_NOT_EXIST" in ended.err
    assert not (tmp_path / "shop").exists()


def test_what_the_check_accepts_is_accepted(
    run: CommandLine, tmp_path: Path, sandbox: SandboxThread
) -> None:
    folder = tmp_path / "shop"
    options = [f"--set={name}={SENT[name]}" for name in ("app_version", "version_desc")]
    run("init", folder, *options)
    (folder / "logo.png").write_bytes(saved(plain(180, 180), "PNG"))
    (folder / "screenshots").mkdir()
    for number in (1, 2):
        picture = saved(plain(100 * number, 200), "JPEG")
        (folder / "screenshots" / f"{number}.jpg").write_bytes(picture)
    assert run("check", folder).status == 0
    draft = read_submission(folder)

    async def submit() -> None:
        config = ClientConfig(base_url=sandbox.base_url)
        async with AuditClient(sandbox.credentials, config) as client:
            await client.apply(AuditApply.from_wire(draft.fields), draft.parts)

    asyncio.run(submit())
    (submission,) = sandbox.submissions
    assert [part.name for part in submission.parts] == list(draft.parts)
    assert asyncio.run(check(AuditApply.from_wire(draft.fields), draft.parts)) == ()


# The text of the file


@given(st.text(st.characters(exclude_categories=("Cs",))))
def test_any_text_is_read_as_it_was_written(text: str) -> None:
    assert tomllib.loads(f"a = {toml_value(text)}") == {"a": text}


@given(
    st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(
                ("version_desc", "memo", "test_password", "app_logo"),
                st.text(st.characters(exclude_categories=("Cs",)), min_size=1),
            ),
            "auto_online": st.booleans(),
            "license_valid_date": st.dates(),
            "service_region_info": st.lists(
                st.dictionaries(
                    st.sampled_from(["province_code", "city_name"]),
                    st.text(st.characters(exclude_categories=("Cs",)), max_size=9),
                    min_size=1,
                ),
                min_size=1,
            ),
        },
    ),
    st.sampled_from(["zh", "en"]),
)
def test_a_whole_file_is_read_as_it_was_written(given: dict[str, object], language: str) -> None:
    needed = {"app_version": "", "version_desc": ""}
    assert tomllib.loads(submission_text(given, language)) == needed | given


def test_half_a_character_does_no_harm() -> None:
    assert tomllib.loads(f"a = {toml_value('x' + chr(0xD800))}") == {"a": "x?"}


def test_the_comments_name_all_places() -> None:
    text = submission_text({}, "en")
    assert len({part.field for part in PARTS.values()}) == 6
    for place in ("logo.png", "licenses/1.png …", "shop-front.png", "test.zip"):
        assert f"#   {place} " in text
