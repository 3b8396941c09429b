"""`alipay-mini-audit batch`: a night as a person or a program sees it."""

import json
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from support.night_folder import night_folder, run_options

from alipay_mini_audit import __main__
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway
from alipay_mini_audit.sandbox.thread import SandboxThread


class Ended(NamedTuple):
    status: object
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Batch = Callable[..., Ended]


@pytest.fixture(scope="module")
def sandbox(material: Material) -> Iterator[SandboxThread]:
    with SandboxThread(SandboxGateway(material=material)) as sandbox:
        yield sandbox


@pytest.fixture
def batch(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Batch:
    def batch(command: str, *arguments: str) -> Ended:
        journal = tmp_path / "journal"
        where = [str(tmp_path / "night.jsonl"), *run_options(tmp_path)]
        place = where if command == "run" else [str(journal)]
        monkeypatch.setattr(
            sys, "argv", ["alipay-mini-audit", "batch", command, *place, *arguments]
        )
        with pytest.raises(SystemExit) as caught:
            __main__.main()
        printed = capsys.readouterr()
        assert "Traceback" not in printed.err
        for secret in ("token-1", "PRIVATE KEY"):
            assert secret not in printed.out + printed.err
        return Ended(caught.value.code or 0, printed.out, printed.err)

    return batch


def versions(sandbox: SandboxThread, prefix: str) -> list[str]:
    """Return which versions of a test have arrived, in their order."""
    arrived = [str(each.fields["app_version"]) for each in sandbox.arrivals]
    return [version for version in arrived if version.startswith(prefix)]


def test_a_night_is_submitted_once(batch: Batch, sandbox: SandboxThread, tmp_path: Path) -> None:
    night_folder(tmp_path, sandbox.base_url, 3, app_version=lambda number: f"1.0.{number}")
    first = batch("run", "--yes")
    assert first.status == 0, first.err
    assert first.out.split()[-2:] == ["3", "done"]
    again = batch("run", "--yes", "--json")
    assert again.status == 0
    *entries, last = again.lines
    assert [(each["state"], each["reason"]) for each in entries] == [("done", "already done")] * 3
    assert last["summary"]["counts"] == {"done": 3}
    assert last["summary"]["exit_status"] == 0
    assert sorted(versions(sandbox, "1.0.")) == ["1.0.1", "1.0.2", "1.0.3"]


def test_where_no_report_can_go_is_told_before_anything_is_sent(
    batch: Batch, sandbox: SandboxThread, tmp_path: Path
) -> None:
    manifest = night_folder(tmp_path, sandbox.base_url, 1, app_version="2.8.1")
    in_the_way = batch("run", "--yes", "--report", str(manifest))
    assert in_the_way.status == 1
    assert versions(sandbox, "2.8.") == []
    nowhere = batch("run", "--yes", "--report", str(tmp_path / "missing" / "night.html"))
    assert nowhere.status == 1
    assert "missing/night.html" in nowhere.err
    assert versions(sandbox, "2.8.") == []


def bad_second(number: int) -> str | None:
    return None if number == 2 else "Orders can be filtered by shop."


def test_what_is_good_is_submitted_and_what_is_not_is_told(
    batch: Batch, sandbox: SandboxThread, tmp_path: Path
) -> None:
    columns = {"app_version": lambda number: f"1.1.{number}", "version_desc": bad_second}
    manifest = night_folder(tmp_path, sandbox.base_url, 3, **columns)
    with manifest.open("a") as lines:
        lines.write("{\n")
    refused = batch("run", "--yes", "--all-or-nothing")
    assert refused.status == 1
    assert "shop-2" in refused.out
    assert "night.jsonl:4" in refused.out
    assert "Nothing was sent." in refused.err
    assert not (tmp_path / "journal").exists()
    facts = batch("run", "--yes", "--all-or-nothing", "--json").lines[-1]["summary"]
    assert {each["key"] for each in facts["problems"]} == {None, "shop-2"}
    assert versions(sandbox, "1.1.") == []
    done = batch("run", "--yes", "--lang", "zh")
    assert done.status == 5
    assert "不合格" in done.out
    assert "再次运行同一命令" in done.out
    assert sorted(versions(sandbox, "1.1.")) == ["1.1.1", "1.1.3"]


def test_where_nobody_can_be_asked_it_says_so(
    batch: Batch, sandbox: SandboxThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night_folder(tmp_path, sandbox.base_url, 1, app_version="1.2.1")
    asked = batch("run")
    nobody = "nobody can be asked, since the input is no terminal."
    assert asked.status == 1
    assert asked.err == f"--yes: {nobody} Give --yes to do it without asking.\n"
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    for answer, status in (("n", 1), ("", 1), ("y", 0)):
        monkeypatch.setattr("builtins.input", lambda said=answer: said)
        said = batch("run")
        assert said.status == status
        assert f"Submit 1 of 1 entries as app 9021000000000001 to {sandbox.base_url}?" in said.err
    assert versions(sandbox, "1.2.") == ["1.2.1"]


def test_the_question_says_that_lines_are_left_out(
    batch: Batch, sandbox: SandboxThread, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = night_folder(
        tmp_path, sandbox.base_url, 2, app_version=lambda number: f"1.11.{number}"
    )
    with manifest.open("a") as lines:
        lines.write('{"key": "a", "app_version": "1.11.9", "auto_online": "perhaps"}\n')
    monkeypatch.setattr("sys.stdin.isatty", lambda: True)
    monkeypatch.setattr("builtins.input", lambda: "n")
    asked = " ".join(batch("run").err.split())
    left_out = "(lines of the manifest that cannot be read are none)"
    assert f"Submit 2 of 2 entries {left_out} as app 9021000000000001 to" in asked
    assert "提交 2 个条目（清单中无法读取的行不计在内）中的 2 个" in "".join(
        batch("run", "--lang", "zh").err.split("\n")
    )


def test_a_dry_run_touches_nothing(batch: Batch, sandbox: SandboxThread, tmp_path: Path) -> None:
    night_folder(
        tmp_path,
        sandbox.base_url,
        12,
        app_version=lambda number: f"1.3.{number}",
        template_id="T",
        priority=lambda number: 9 if number == 3 else None,
    )
    arrived = len(sandbox.arrivals)
    options = ["--dry-run", "--rate", "60/min", "--template-quota", "5/day"]
    *entries, last = batch("run", *options, "--json").lines
    assert [each["order"] for each in entries] == list(range(1, 13))
    assert [each["key"] for each in entries][:3] == ["shop-3", "shop-1", "shop-2"]
    assert {each["action"] for each in entries} == {"send"}
    summary = last["summary"]
    assert (summary["today"], summary["later"]) == (5, 7)
    assert summary["base_url"] == sandbox.base_url
    shown = batch("run", *options)
    assert shown.status == 0
    assert "in this order" in shown.out
    assert "5 today in about 5 s" in shown.out
    assert "Quotas leave 7 for other days" in shown.out
    assert len(sandbox.arrivals) == arrived
    assert not (tmp_path / "journal").exists()
    batch("run", "--yes")
    before = (tmp_path / "journal").read_bytes()
    later = batch("run", *options, "--json").lines[-1]["summary"]
    assert later["actions"] == {"done": 12}
    assert (tmp_path / "journal").read_bytes() == before


def test_who_forgets_the_tokens_is_warned(
    batch: Batch, sandbox: SandboxThread, tmp_path: Path
) -> None:
    """Else the versions of merchants go to the application itself, and nobody has said so."""
    night_folder(
        tmp_path,
        sandbox.base_url,
        3,
        app_version=lambda number: f"1.9.{number}",
        mini_app=lambda number: f"m{number}" if number < 3 else None,
        app_auth_token=None,
    )
    shown = batch("run", "--dry-run")
    assert shown.status == 0
    assert "warning token_not_given" in shown.out
    problems = batch("run", "--dry-run", "--json").lines[-1]["summary"]["problems"]
    assert [(each["key"], each["severity"]) for each in problems] == [
        ("shop-1", "warning"),
        ("shop-2", "warning"),
    ]
    for options in (["--app-auth-token", "a-token"], ["--tokens", str(tmp_path / "tokens.csv")]):
        (tmp_path / "tokens.csv").write_text("mini_app,app_auth_token\nm1,t1\nm2,t2\n")
        ended = batch("run", "--dry-run", "--json", *options)
        assert ended.lines[-1]["summary"]["problems"] == []


@pytest.mark.parametrize("columns", ["50", "80"])
def test_a_dry_run_cuts_no_text_off(
    batch: Batch,
    sandbox: SandboxThread,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    columns: str,
) -> None:
    """Chinese has no blanks, and a table would end such a line with an ellipsis."""
    manifest = night_folder(
        tmp_path,
        sandbox.base_url,
        3,
        app_version=lambda number: f"1.10.{number}",
        not_before=lambda number: "2999-12-24 16:00" if number == 1 else "2001-01-01 00:00",
        priority=3,
    )
    with manifest.open("a") as lines:
        lines.write(json.dumps({"key": "a", "app_version": "1.10.9", "service_phone": 1.3e20}))
        lines.write(
            "\n" + json.dumps({"key": "b", "app_version": "1.10.8", "auto_online": "perhaps"})
        )
    monkeypatch.setenv("COLUMNS", columns)
    shown = batch("run", "--dry-run", "--lang", "zh")
    assert shown.status == 0
    assert "1.10.3" in shown.out
    assert "2001" not in shown.out
    assert "01-01" not in shown.out
    assert "清单中另有 2 行无法成为条目，不计在内。" in re.sub(r"\n *", "", shown.out)
    summary = batch("run", "--dry-run", "--json").lines[-1]["summary"]
    assert (summary["left_out"], sum(summary["actions"].values())) == (2, 3)
    if columns == "80":
        assert "night.jsonl:5:auto_online" in shown.out
        assert shown.out.count(" 起") == 1


def test_what_was_refused_goes_again_only_if_it_is_asked_for(
    batch: Batch, sandbox: SandboxThread, tmp_path: Path
) -> None:
    night_folder(tmp_path, sandbox.base_url, 2, app_version=lambda number: f"1.4.{number}")
    refusal = Fault.answer("APP_NAME_IS_ILLEGAL", 400)
    sandbox.faults.add(refusal, operation="apply", times=2)
    first = batch("run", "--yes", "--json")
    assert first.status == 5
    assert [each["state"] for each in first.lines[:-1]] == ["refused"] * 2
    arrived = len(sandbox.arrivals)
    assert batch("run", "--yes", "--retry", "unknown", "--retry", "invalid").status == 5
    assert len(sandbox.arrivals) == arrived
    assert batch("hold", "--key", "shop-2").status == 0
    again = batch("run", "--yes", "--retry", "refused", "--json")
    states = {each["key"]: each["state"] for each in again.lines[:-1]}
    assert states == {"shop-1": "done", "shop-2": "refused"}  # an operator has stopped it
    assert batch("release", "--key", "shop-2").out == "Released: key shop-2 (planned 1)\n"
    assert batch("run", "--yes").status == 0


def test_failures_that_follow_one_another_stop_it(
    batch: Batch, sandbox: SandboxThread, tmp_path: Path
) -> None:
    night_folder(tmp_path, sandbox.base_url, 9, app_version=lambda number: f"1.5.{number}")
    sandbox.faults.add(Fault.answer("APP_NAME_IS_ILLEGAL", 400), operation="apply", times=2)
    said = batch("run", "--yes", "--stop-after", "2", "--concurrency", "1")
    assert said.status == 5
    assert "2 entries in a row failed alike: APP_NAME_IS_ILLEGAL" in said.err
    assert "planned" in said.out


def test_what_an_operator_stops_is_not_sent(
    batch: Batch, sandbox: SandboxThread, tmp_path: Path
) -> None:
    columns = {
        "app_version": lambda number: f"1.7.{number}",
        "mini_app": lambda number: f"app-{number}",
        "template_id": lambda number: "T" if number < 3 else None,
    }
    for command in ("hold", "skip", "release"):
        missing = batch(command, "--key", "shop-1")
        assert missing.status == 1
        assert missing.err.count("\n") == 1
    assert not (tmp_path / "journal").exists()
    night_folder(
        tmp_path, sandbox.base_url, 1, key="k", app_auth_token="token-1-k", mini_app="app-4"
    )
    assert batch("run", "--yes").status == 0
    assert batch("hold", "--key", "a", "--template", "T").status == 1
    assert batch("hold").status == 1
    night_folder(tmp_path, sandbox.base_url, 4, **columns)
    held = json.loads(batch("hold", "--template", "T", "--json").out)
    assert held.pop("warning").startswith("Warning: the journal has no entry of template T yet.")
    assert held == {"action": "hold", "template": "T", "entries": {}, "affected": 0}
    assert batch("skip", "--mini-app", "app-4").out.startswith("Nothing changes for mini_app app-4")
    *entries, _ = batch("run", "--yes", "--json").lines
    states = {each["key"]: (each["state"], each["reason"]) for each in entries}
    assert states == {
        "shop-1": ("held", "template on hold"),
        "shop-2": ("held", "template on hold"),
        "shop-3": ("done", ""),
        "shop-4": ("skipped", "skipped"),
    }
    dry = batch("run", "--dry-run", "--json").lines[-1]["summary"]["actions"]
    assert dry == {"done": 1, "held": 3}
    batch("release", "--template", "T")
    batch("release", "--mini-app", "app-4")
    assert batch("run", "--yes").status == 0


def test_status_and_quota_say_how_it_stands(
    batch: Batch, sandbox: SandboxThread, tmp_path: Path
) -> None:
    columns = {
        "app_version": lambda number: f"1.8.{number}",
        "template_id": lambda number: "T" if number < 8 else None,
    }
    night_folder(tmp_path, sandbox.base_url, 8, **columns)
    batch("run", "--yes", "--template-quota", "3/day")
    status = batch("status", "--json")
    (facts,) = status.lines
    assert status.status == 0
    assert facts["counts"] == {"done": 4, "deferred": 4}
    assert facts["app_id"] == "9021000000000001"
    assert facts["open"] == 0
    assert facts["deferred_until"] > facts["at"]
    assert facts["last_minute"] == 4
    shown = batch("status")
    assert "8 entries: done 4, deferred 4" in shown.out.replace(
        "deferred 4, done 4", "done 4, deferred 4"
    )
    assert "quota of the template used up" in shown.out
    assert f"({facts['app_id']} → {facts['base_url']})\n" in shown.out, "cut on its way to a pipe"
    assert "模板当日配额已用完" in batch("status", "--lang", "zh").out
    quota = json.loads(batch("quota", "--template-quota", "3", "--json").out)
    (template,) = quota["templates"]
    assert {name: template[name] for name in ("template", "used", "left", "waiting")} == {
        "template": "T",
        "used": 3,
        "left": 0,
        "waiting": 4,
    }
    assert quota["last_day"] > facts["deferred_until"]
    assert "4" in batch("quota").out
    assert "最后一天" in batch("quota", "--lang", "zh").out


@pytest.mark.parametrize("content", [None, "", "not a journal\n" * 400])
@pytest.mark.parametrize("command", ["status", "quota"])
def test_a_file_that_is_no_journal_is_one_line_and_left_alone(
    batch: Batch, tmp_path: Path, content: str | None, command: str
) -> None:
    journal = tmp_path / "journal"
    if content is not None:
        journal.write_text(content)
    said = batch(command)
    assert said.status == 1
    assert said.err.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ([] if content is None else ["journal"])
    assert content is None or journal.read_text() == content


def test_a_value_that_cannot_be_used_is_told_with_its_option(
    batch: Batch, sandbox: SandboxThread, tmp_path: Path
) -> None:
    night_folder(tmp_path, sandbox.base_url, 1)
    options = {
        "--rate": "fast",
        "--template-quota": "0",
        "--until": "25:00",
        "--max-bytes-per-second": "2 furlongs",
    }
    for option, value in options.items():
        said = batch("run", "--yes", option, value)
        assert (said.status, said.out) == (1, "")
        assert said.err.startswith(f"{option}: ")
    assert batch("run", "--yes", "--concurrency", "0").status == 1


def test_another_apps_journal_is_told_before_anything_is_sent(
    batch: Batch, sandbox: SandboxThread, tmp_path: Path
) -> None:
    night_folder(tmp_path, sandbox.base_url, 1, app_version="1.9.1")
    batch("run", "--yes")
    with SandboxThread(SandboxGateway()) as other:
        night_folder(tmp_path, other.base_url, 1, app_version="1.9.2")
        said = batch("run", "--yes")
        assert (said.status, said.out) == (1, "")
        assert "belongs to app 9021000000000001" in said.err
        assert other.arrivals == ()


def test_a_manifest_that_cannot_be_read_is_told(
    batch: Batch, sandbox: SandboxThread, tmp_path: Path
) -> None:
    manifest = night_folder(tmp_path, sandbox.base_url, 1)
    manifest.unlink()
    for options in (["--yes"], ["--yes", "--json"], ["--dry-run"]):
        said = batch("run", *options)
        assert said.status == 1
        assert "night.jsonl" in said.err
    assert not (tmp_path / "journal").exists()
    manifest.write_text("")
    assert batch("run", "--yes").status == 1


def test_what_is_gone_when_its_turn_comes_is_told(
    sandbox: SandboxThread, batch: Batch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night_folder(tmp_path, sandbox.base_url, 1, app_version="7.3.1")
    manifest, (text, *_) = (
        tmp_path / "night.jsonl",
        (tmp_path / "night.jsonl").read_text().split("\n"),
    )
    line = json.loads(text)
    draft = tmp_path / "other.toml"
    draft.write_text(
        f"app_version = '7.3.2'\nversion_desc = '{line['version_desc']}'\napp_logo = 'logo.png'\n"
    )
    other = {"key": "gone", "folder": draft.name, "app_auth_token": "token-of-another"}
    manifest.write_text(f"{text}\n{json.dumps(other)}\n")

    def agree(question: str) -> bool:
        """Change a file while the question is read."""
        assert "Submit 2 of 2" in question
        draft.rename(tmp_path / "elsewhere.toml")
        return True

    monkeypatch.setattr("alipay_mini_audit.cli.night.run.is_confirmed", agree)
    ended = batch("run", "--json")
    assert ended.status == 5
    *entries, last = ended.lines
    told = {each["key"]: (each["state"], each["reason"]) for each in entries}
    assert told == {"shop-1": ("done", ""), "gone": ("invalid", "a file is gone or has changed")}
    (problem,) = entries[-1]["problems"]
    assert problem["code"] == "file_changed"
    assert last["summary"]["counts"] == {"done": 1, "invalid": 1}
    assert versions(sandbox, "7.3.") == ["7.3.1"]
