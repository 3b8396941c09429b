"""What a long night looks like in the morning: few groups, each with one clear reason.

`ENTRIES=10000` is the long form.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    BatchPolicy,
    ClientConfig,
    SqliteJournal,
    Submission,
)
from alipay_mini_audit.sandbox import Fault, IncomingCall, Material, SandboxGateway

ENTRIES = int(os.environ.get("ENTRIES", "300"))
DESCRIPTION = "Orders can be filtered by shop now, and refunds are right again."
SAME_VERSION = "another entry submits the same version of the same mini-program"


def of(*, version: str = "1.0.0", desc: str = DESCRIPTION, **more: str) -> AuditApply:
    return AuditApply(app_version=version, version_desc=desc, **more)  # type: ignore[arg-type]


def faulty(folder: Path) -> list[Submission]:
    """Twenty-two that go wrong: seven in ways of their own."""
    picture = folder / "logo.png"
    two = of(desc="Fixes.", service_phone="call us")
    held = [of(version=f"1.0.{number}") for number in range(1, 13)]
    revoked = [of(version=f"1.0.{number}") for number in range(1, 4)]
    return [
        Submission("short text", of(desc="Fixes."), app_auth_token="t-short"),
        Submission("no picture", of(), {"app_logo": folder / "none.png"}, app_auth_token="t-none"),
        Submission("no image", of(), {"app_logo": picture}, app_auth_token="t-image"),
        Submission("two at once", two, app_auth_token="t-two"),
        Submission("same version", of(), app_auth_token="t-1"),
        Submission("in audit", of(), app_auth_token="t-audit"),
        Submission("odd region", of(region_type="MOON"), app_auth_token="t-region"),
        *(Submission(f"held {n}", each, mini_app="held") for n, each in enumerate(held, 1)),
        *(
            Submission(f"revoked {n}", each, app_auth_token="t-revoked")
            for n, each in enumerate(revoked, 1)
        ),
    ]


def entries(folder: Path) -> Iterator[Submission]:
    """Those that go wrong, evenly among those that do not."""
    wrong = faulty(folder)
    right = ENTRIES - len(wrong)
    places = {right * n // len(wrong): each for n, each in enumerate(wrong, 1)}
    for number in range(1, right + 1):
        yield Submission(f"s-{number}", of(), app_auth_token=f"t-{number}")
        if number in places:
            yield places[number]


@pytest.mark.timeout(600)
async def test_the_groups_of_a_night_say_what_is_to_be_done(
    material: Material, tmp_path: Path
) -> None:
    (tmp_path / "logo.png").write_bytes(b"This is no picture.")

    def is_revoked(call: IncomingCall) -> bool:
        return call.headers.get("alipay-app-auth-token") == "t-revoked"

    asyncio.get_running_loop().set_debug(False)  # it takes half of the time
    async with SandboxGateway(material=material) as gateway:
        gateway.faults.add(Fault.answer("invalid-app-auth-token", 401), when=is_revoked, times=None)
        gateway.decide("0.9.0", "AUDITING", app_auth_token="t-audit")
        config = ClientConfig(base_url=gateway.base_url)
        async with (
            AuditClient(gateway.credentials, config) as client,
            SqliteJournal(tmp_path / "journal") as journal,
        ):
            await journal.hold(mini_app="held")
            policy = BatchPolicy(concurrency=32)
            found = client.submit_many(entries(tmp_path), journal=journal, policy=policy)
            told = [entry async for entry in found]
            summary = await journal.summary()
    assert [(each.count, each.state, each.reason, each.keys) for each in summary.groups] == [
        (ENTRIES - 22, "done", "", tuple(f"s-{number}" for number in range(1, 11))),
        (12, "held", "mini-program on hold", tuple(f"held {number}" for number in range(1, 11))),
        (3, "refused", "invalid-app-auth-token", ("revoked 1", "revoked 2", "revoked 3")),
        (1, "invalid", "INVALID_LOGO_EXT", ("no image",)),
        (
            1,
            "invalid",
            "INVALID_MINI_APP_SERVICE_TEL, INVALID_VERSION_DESC_LENGTH",
            ("two at once",),
        ),
        (1, "invalid", "INVALID_VERSION_DESC_LENGTH", ("short text",)),
        (1, "invalid", "REGION_TYPE_IS_INVALID", ("odd region",)),
        (1, "invalid", SAME_VERSION, ("same version",)),
        (1, "invalid", "file_not_found", ("no picture",)),
        (1, "refused", "CAN_NOT_SUBMIT_WITH_AUDIT", ("in audit",)),
    ]
    groups = {(each.state, each.reason): each.count for each in summary.groups}
    assert Counter((entry.state, entry.reason) for entry in told) == groups
    accepted = Counter(each.app_auth_token for each in gateway.submissions)
    assert accepted.total() == len(accepted) == ENTRIES - 22
