"""`alipay-mini-audit check`: what it finds in folders, files and manifests, and how it ends."""

from pathlib import Path

import pytest
from rich.cells import cell_len
from support.bad_pictures import plain
from support.command_line import CommandLine
from support.languages import CHINESE, ENGLISH_SENTENCE
from support.pictures import saved

from alipay_mini_audit.codes import explain

DESCRIPTION = "Orders can be filtered by shop, and load faster."
TOML = f'app_version = "1.0.0"\nversion_desc = "{DESCRIPTION}"\n'
MISTAKES = """
app_version = 1.0
version_desc = "短"
app_sloga = "x"
auto_online = "perhaps"
region_type = "LOCATION"
service_phone = "0571 8888"
memo = "[red]测试账号[/red]"
test_password = "hunter2"
"""


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> CommandLine:
    return CommandLine(monkeypatch, capsys)


@pytest.fixture
def good(tmp_path: Path) -> Path:
    folder = tmp_path / "good"
    folder.mkdir()
    (folder / "submission.toml").write_text(TOML)
    (folder / "logo.png").write_bytes(saved(plain(20, 20), "PNG"))
    return folder


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    folder = tmp_path / "bad"
    (folder / "screenshots").mkdir(parents=True)
    (folder / "licence").mkdir()
    (folder / "submission.toml").write_text(MISTAKES, encoding="utf-8")
    (folder / "logo.gif").write_bytes(saved(plain(30, 20, "P"), "GIF"))
    (folder / "screenshots" / "1.jpg").write_bytes(saved(plain(20, 30, "CMYK"), "JPEG"))
    return folder


def test_what_is_right_is_said_to_be(run: CommandLine, good: Path) -> None:
    assert run("check", good) == (0, f"{good}: all is well\n", "")
    assert run("check", good, "--lang", "zh") == (0, f"{good}：没有问题\n", "")


def test_all_problems_of_a_folder_are_one_line_of_json(run: CommandLine, bad: Path) -> None:
    ended = run("check", bad, "--json", "--lang", "en")
    (told,) = ended.lines_of_json
    assert (ended.status, ended.err, told["submission"], told["is_valid"]) == (
        1,
        "",
        str(bad),
        False,
    )
    found = [(each["path"], each["code"], each["severity"]) for each in told["problems"]]
    assert found == [
        ("app_version", "wrong_type", "error"),
        ("auto_online", "bad_value", "error"),
        ("app_sloga", "unknown_field", "error"),
        (str(bad / "licence"), "unused_file", "error"),
        ("version_desc", "INVALID_VERSION_DESC_LENGTH", "error"),
        ("memo", "test_account_missing", "warning"),
        ("service_phone", "INVALID_MINI_APP_SERVICE_TEL", "error"),
        ("service_region_info", "REGION_CODE_IS_BLANK", "error"),
        ("test_account", "test_account_incomplete", "warning"),
        ("attachments.screen_shots", "SCREEN_SHOT_NUM_IS_INVALID", "error"),
        ("attachments.app_logo", "INVALID_LOGO_EXT", "error"),
        ("attachments.screen_shots[0]", "INVALID_SCREEN_SHOT_EXT", "error"),
    ]
    assert all(explain(code).is_known for _, code, _ in found)
    assert told["problems"][-1]["file"] == str(bad / "screenshots" / "1.jpg")
    assert "hunter2" not in ended.out


@pytest.mark.parametrize("columns", [80, 50])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_person_reads_where_what_and_what_to_do(
    run: CommandLine, bad: Path, monkeypatch: pytest.MonkeyPatch, language: str, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    ended = run("check", bad, "--lang", language)
    heading = "10 errors, 2 warnings" if language == "en" else "10 个错误，2 个提示"
    title, *rows = ended.out.splitlines()
    assert (ended.status, ended.err) == (1, "")
    assert title in (f"{bad}: {heading}", f"{bad}：{heading}")
    assert max(map(cell_len, rows)) <= columns
    text = "".join(rows)
    for place in ("app_version", "test_accout", "logo.gif", "screenshots/1.jpg", "licence"):
        assert place in text
    assert str(bad) not in text
    assert "hunter2" not in text
    words = {"en": ("error", "warning", "Put it in quotes"), "zh": ("错误", "提示", "请加上引号")}
    assert [word for word in words[language] if word not in text] == []
    if language == "zh":
        assert not ENGLISH_SENTENCE.search(ended.out)
    else:
        assert not CHINESE.search(ended.out)
    assert "check--fix" in "".join(text.split())  # wherever the line is broken


def test_several_paths_are_counted(run: CommandLine, good: Path, bad: Path) -> None:
    ended = run("check", good, bad, good / "submission.toml")
    assert ended.status == 1
    assert ended.out.endswith("\n2 can be sent as they are; the rest has errors.\n")
    ended = run("check", good, good, "--lang", "zh")
    assert (ended.status, ended.out.splitlines()[-1]) == (0, "2 个提交可以直接发送。")
    assert len(run("check", good, bad, "--json").lines_of_json) == 2


def test_warnings_do_not_count(run: CommandLine, good: Path) -> None:
    (good / "notes.txt").touch()
    ended = run("check", good)
    assert (ended.status, "1 warning\n" in ended.out, "notes.txt" in ended.out) == (0, True, True)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("none", "file_not_found"),
        ("none.toml", "file_not_found"),
        ("none.csv", "file_not_found"),
        ("x" * 5000, "unreadable"),
        ("loop", "unreadable"),
        ("broken.toml", "not_toml"),
        ("gbk.toml", "not_toml"),
    ],
    ids=lambda value: value[:20],
)
def test_what_cannot_be_read_is_a_problem_and_no_traceback(
    run: CommandLine, tmp_path: Path, name: str, code: str
) -> None:
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "broken.toml").write_text("app_version = \n")
    (tmp_path / "gbk.toml").write_bytes('version_desc = "测试"\n'.encode("gbk"))
    ended = run("check", tmp_path / name, "--json")
    (told,) = ended.lines_of_json
    (problem,) = told["problems"]
    assert (ended.status, ended.err) == (1, "")
    assert problem["code"] == code


def test_a_manifest_is_checked_line_by_line_with_its_files(
    run: CommandLine, tmp_path: Path, good: Path
) -> None:
    (good / "logo.png").write_bytes(saved(plain(20, 30), "PNG"))
    rows = [f'a,1.0.0,"{DESCRIPTION}",', f'b,1.0.1,"{DESCRIPTION}",good', f'c,,"{DESCRIPTION}",']
    manifest = tmp_path / "night.csv"
    manifest.write_text("\n".join(["key,app_version,version_desc,folder", *rows]))
    told = run("check", manifest, "--json").lines_of_json
    found = {each["submission"]: [one["code"] for one in each["problems"]] for each in told}
    assert found == {
        str(manifest): ["version_missing"],
        f"{manifest}: a": [],
        f"{manifest}: b": ["LOGO_HEIGHT_NOT_EQUAL_WIDTH"],
    }
    ended = run("check", manifest)
    assert ended.status == 1
    assert "night.csv: a" not in ended.out
    assert ended.out.endswith("\n1 submission can be sent as it is; the rest has errors.\n")


def test_a_toml_file_may_be_a_manifest(run: CommandLine, tmp_path: Path) -> None:
    manifest = tmp_path / "night.toml"
    manifest.write_text(f'[[submission]]\nkey = "a"\n{TOML}')
    told = run("check", manifest, "--json").lines_of_json
    assert [(each["submission"], each["is_valid"]) for each in told] == [(f"{manifest}: a", True)]
