"""The lines, or the JSON object, that say what `doctor` finds."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

import typer

from alipay_mini_audit.cli.console import print_json, say
from alipay_mini_audit.cli.doctor.examination import Examination
from alipay_mini_audit.cli.exits import CommandFailed
from alipay_mini_audit.cli.language import said
from alipay_mini_audit.credentials.diagnosis import Fact, Finding, is_error
from alipay_mini_audit.errors import Severity
from alipay_mini_audit.problems import printable

__all__ = ["print_findings", "print_findings_as_json"]

_FINE: Final = ("ok     ", "正常")
_WORDS: Final = {Severity.ERROR: ("problem", "问题"), Severity.WARNING: ("note   ", "提示")}


def print_findings(examinations: Sequence[Examination], language: str) -> None:
    """Print a line for each finding, under the names of the profiles.

    Args:
        examinations: one for each profile.
        language: "zh" or "en".

    Raises:
        CommandFailed: there are errors among them.
    """
    errors = 0
    for number, examination in enumerate(examinations):
        profile = examination.connection.profile
        if profile is not None or len(examinations) > 1:
            heading = said("profile", "配置", language)
            alone = said("without a profile", "不选择配置时", language)
            typer.echo("\n" * bool(number), nl=False)
            typer.echo(alone if profile is None else f"{heading} {printable(profile)}")
        for finding in examination.findings():
            words = _FINE if isinstance(finding, Fact) else _WORDS[finding.severity]
            errors += is_error(finding)
            line = " ".join(str(finding.in_language(language)).splitlines())
            say(f"{said(*words, language)}  {printable(line)}", sys.stdout)
    _raise_for(errors, language)


def print_findings_as_json(examinations: Sequence[Examination], language: str) -> None:
    """Print all findings as one JSON object.

    Args:
        examinations: one for each profile.
        language: of the texts, "zh" or "en".

    Raises:
        CommandFailed: there are errors among them.
    """
    found = [(each.connection.profile, list(each.findings())) for each in examinations]
    errors = sum(is_error(finding) for _, findings in found for finding in findings)
    profiles = [
        {"profile": profile, "findings": [_as_json(each, language) for each in findings]}
        for profile, findings in found
    ]
    print_json({"ok": not errors, "profiles": profiles})
    _raise_for(errors, language)


def _as_json(finding: Finding, language: str) -> dict[str, str]:
    spoken = finding.in_language(language)
    if isinstance(spoken, Fact):
        return {"severity": "ok", "path": spoken.path, "message": spoken.text}
    return {
        "severity": spoken.severity.value,
        "path": spoken.path,
        "code": spoken.code,
        "message": spoken.message,
        "advice": spoken.advice,
    }


def _raise_for(errors: int, language: str) -> None:
    if errors:
        english = f"{errors} problem{'s' if errors > 1 else ''} found."
        raise CommandFailed(said(english, f"发现 {errors} 个问题。", language))
