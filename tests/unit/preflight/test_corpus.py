"""Every rule has an example that it refuses and one that it takes."""

import asyncio

import pytest
from support.corpus import CASES, Case
from support.languages import assert_told_in_chinese

from alipay_mini_audit import Attachments, AuditApply, BytesSource, Preflight, Problem, check


def found(case: Case) -> tuple[Problem, ...]:
    files = {name: BytesSource(content, named) for name, (named, content) in case.files().items()}
    work = check(
        AuditApply.from_wire(case.wire),
        Attachments.from_parts(files),
        Preflight(first_submission=case.is_first),
        language="en",
    )
    return asyncio.run(work)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_example_is_judged_as_its_author_says(case: Case) -> None:
    expected = [(case.path, case.code, case.severity)] if case.code else []
    problems = [each for each in found(case) if each.code not in case.besides]
    assert [(each.path, each.code, each.severity.value) for each in problems] == expected
    for each in problems:
        assert_told_in_chinese(each)
