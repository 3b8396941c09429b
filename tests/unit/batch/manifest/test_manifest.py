"""`Manifest.read`: what it takes; what it yields is tested by capability."""

from pathlib import Path

from alipay_mini_audit import Manifest


async def test_reading_opens_nothing(tmp_path: Path) -> None:
    manifest = Manifest.read(tmp_path / "none.csv", tokens=str(tmp_path / "none.toml"))
    assert repr(manifest) == f"Manifest({str(tmp_path / 'none.csv')!r})"
    found = await manifest.problems()
    assert [(each.path, each.code) for each in found] == [("none.toml", "file_not_found")]


async def test_paths_may_be_texts(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"app_version": "1"}\n')
    assert [each.key async for each in Manifest.read(str(tmp_path / "a.jsonl"))] == ["1"]
