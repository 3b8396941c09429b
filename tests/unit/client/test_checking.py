"""`check` and `AuditClient.check`: know it before it is sent."""

from pathlib import Path

import pytest
from support.corpus import GOOD, png, shots

from alipay_mini_audit import (
    Attachments,
    AuditApply,
    AuditClient,
    ClientConfig,
    ConfigurationError,
    Preflight,
    check,
)
from alipay_mini_audit.sandbox import Material, SandboxGateway

REQUEST = AuditApply.from_wire(GOOD | {"app_version": "1.0", "service_phone": "1"})


async def test_every_problem_is_told_in_the_language_that_is_asked_for(tmp_path: Path) -> None:
    files = {"app_logo": tmp_path / "missing.png"}
    english = await check(REQUEST, files, language="en")
    chinese = await check(REQUEST, files, language="zh")
    assert [each.code for each in english] == [
        "version_format",
        "INVALID_MINI_APP_SERVICE_TEL",
        "file_not_found",
    ]
    assert [each.code for each in chinese] == [each.code for each in english]
    assert not chinese[0].message.isascii()
    assert english[0].message.isascii()


async def test_the_language_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALIPAY_MINI_AUDIT_LANG", "zh")
    assert "版本号" in (await check(REQUEST))[0].message


async def test_nothing_wrong_is_nothing_found() -> None:
    files = {name: content for name, (_, content) in shots(png(), png(seed=2)).items()}
    assert await check(AuditApply.from_wire(GOOD), files) == ()


async def test_off_looks_at_the_files_only(tmp_path: Path) -> None:
    assert await check(REQUEST, preflight=Preflight.OFF) == ()
    (problem,) = await check(REQUEST, {"app_logo": tmp_path / "x.png"}, Preflight.OFF)
    assert problem.code == "file_not_found"


async def test_an_unknown_part_and_another_language_are_refused() -> None:
    (*_, problem) = await check(REQUEST, {"logo": b"x"})
    assert (problem.path, problem.code) == ("attachments['logo']", "unknown_part")
    files = {"logo": b"x"}
    assert "give Attachments.from_parts(files, allow_unknown=True)." in problem.advice
    found = await check(REQUEST, Attachments.from_parts(files, allow_unknown=True))
    assert "unknown_part" not in {each.code for each in found}
    with pytest.raises(ConfigurationError, match="language"):
        await check(REQUEST, language="fr")
    with pytest.raises(TypeError, match="preflight"):
        await check(REQUEST, preflight="off")  # type: ignore[arg-type]


async def test_a_client_checks_by_its_own_settings(material: Material) -> None:
    credentials = SandboxGateway(material=material).credentials
    quiet = Preflight(levels={"version_format": "skip"})
    async with AuditClient(credentials, ClientConfig(preflight=quiet)) as client:
        assert [each.code for each in await client.check(REQUEST)] == [
            "INVALID_MINI_APP_SERVICE_TEL"
        ]
        view = client.with_options(preflight=Preflight())
        assert len(await view.check(REQUEST, language="en")) == 2
        assert await client.check(REQUEST, preflight=Preflight.OFF) == ()
    with pytest.raises(ConfigurationError, match="closed"):
        await client.check(REQUEST)


class Raising:
    """What a framework may hand over: nothing of it can be asked."""

    def __getattr__(self, name: str) -> object:
        raise RuntimeError(name)


class Sulking(Exception):
    def __str__(self) -> str:
        raise ValueError("no text")


class Odd:
    filename = "a.png"

    def __init__(self, size: object) -> None:
        self._size = size

    @property
    def size(self) -> object:
        if isinstance(self._size, Exception):
            raise self._size
        return self._size

    def open(self) -> object:
        raise Sulking


@pytest.mark.parametrize(
    "given",
    [Raising(), Odd(OSError(5, 123)), Odd(Sulking()), Odd(10**5000), Odd(-1), Odd("large")],
    ids=["raises", "errno", "sulks", "digits", "negative", "text"],
)
async def test_a_strange_object_is_a_problem_of_its_own(given: object) -> None:
    found = await check(AuditApply.from_wire(GOOD), {"out_door_pic": given})  # type: ignore[dict-item]
    assert [each.path for each in found] == ["attachments.out_door_pic"]
    assert found[0].code in {"unsupported_source", "unreadable"}
