"""The table of codes is what the rules find: no more, and no less."""

import asyncio

from support.corpus import CASES

from alipay_mini_audit import Attachments, AuditApply, BytesSource, Preflight, check
from alipay_mini_audit.preflight.codes import RULE_CODES


async def codes_of_all_examples() -> set[str]:
    found = set()
    for case in CASES:
        files = {
            name: BytesSource(content, named) for name, (named, content) in case.files().items()
        }
        problems = await check(
            AuditApply.from_wire(case.wire),
            Attachments.from_parts(files),
            Preflight(first_submission=case.is_first),
        )
        found |= {each.code for each in problems}
    return found


def test_the_codes_of_the_rules_are_those_that_the_examples_show() -> None:
    assert asyncio.run(codes_of_all_examples()) == RULE_CODES
