from collections.abc import AsyncIterator
from pathlib import Path

from alipay_mini_audit import AuditClient, Credentials
from alipay_mini_audit.batch import Submission
from alipay_mini_audit.batch.journal.row import Identity
from alipay_mini_audit.cli.night.preflight import Findings, grouped, look_at_all
from alipay_mini_audit.models import AuditApply
from alipay_mini_audit.problems import Problem, Severity, told

KEYS = Path(__file__).parents[3] / "vectors" / "keys"
LINE = told("night.csv:3:x", "bad_line", ("wrong", ""), ("错", ""))


class Lines:
    """A manifest of three entries, and a line that is none."""

    left_out = 1

    async def problems(self) -> tuple[Problem, ...]:
        return (LINE,)

    async def __aiter__(self) -> AsyncIterator[Submission]:
        texts = ["Orders can be filtered by shop.", None, "Orders can be filtered by shop."]
        for number, text in enumerate(texts):
            files = {"app_logo": Path("/nowhere.png")} if number == 2 else None
            yield Submission(
                f"k{number}", AuditApply(app_version="1.0.0", version_desc=text), files
            )


async def test_every_entry_is_checked_and_the_bad_ones_are_known() -> None:
    credentials = Credentials.from_keys(
        "2021000000000001", KEYS / "app.pkcs8.pem", KEYS / "alipay.public.pem"
    )
    seen: list[None] = []
    async with AuditClient(credentials) as client:
        findings = await look_at_all(Lines(), client, "zh", lambda: seen.append(None), token=None)
    assert [each.key for each in findings.identities] == ["k0", "k1", "k2"]
    assert findings.bad == {1, 2}
    assert (findings.total, findings.good, len(seen)) == (3, 1, 3)
    assert (findings.has_bad_lines, findings.left_out) == (True, 1)
    assert findings.lines[0].message == "错"
    assert {key for key, _ in findings.found} == {"k1", "k2"}


def test_problems_are_grouped_errors_first_and_the_most_frequent_of_them() -> None:
    def problem(code: str, severity: Severity = Severity.ERROR) -> Problem:
        return Problem("p", code, "m", severity=severity)

    found = [
        ("a", problem("W", Severity.WARNING)),
        *[(key, problem("E")) for key in ("a", "b", "b", "c", "d")],
        ("a", problem("F")),
    ]
    identities = tuple(Identity(key, "1") for key in "abcd")
    findings = Findings(
        lines=(LINE, LINE), identities=identities, found=tuple(found), bad=frozenset()
    )
    groups = grouped(findings)
    assert [(each.code, each.count, each.keys) for each in groups] == [
        ("E", 4, ("a", "b", "c")),
        ("bad_line", 2, ()),
        ("F", 1, ("a",)),
        ("W", 1, ("a",)),
    ]
    assert groups[1].first is LINE
