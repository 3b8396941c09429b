"""A package on disk, whose modules write down that they were loaded."""

import importlib
import pickle
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

FRONT_DOOR = """
from alipay_mini_audit.on_demand import names_on_demand
__all__ = ["Early", "Late"]
loaded = []
__getattr__, __dir__ = names_on_demand(globals(), "early", "late")
"""
MODULE = """
import parcel
parcel.loaded.append(__name__)
__all__ = ["{name}"]
class {name}: ...
class Inner: ...
"""


@pytest.fixture
def parcel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[types.ModuleType]:
    folder = tmp_path / "parcel"
    folder.mkdir()
    (folder / "__init__.py").write_text(FRONT_DOOR)
    (folder / "early.py").write_text(MODULE.format(name="Early"))
    (folder / "late.py").write_text(MODULE.format(name="Late"))
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("parcel")
    for name in ("parcel", "parcel.early", "parcel.late"):
        sys.modules.pop(name, None)


def test_nothing_is_loaded_before_a_name_is_asked_for(parcel: types.ModuleType) -> None:
    assert parcel.loaded == []
    assert parcel.Early.__name__ == "Early"
    assert parcel.loaded == ["parcel.early"]


def test_a_name_is_searched_once_and_then_there(parcel: types.ModuleType) -> None:
    assert "Late" not in vars(parcel)
    late = parcel.Late
    assert parcel.loaded == ["parcel.early", "parcel.late"]
    assert vars(parcel)["Late"] is late is sys.modules["parcel.late"].Late


def test_a_module_that_gives_names_is_there_too(parcel: types.ModuleType) -> None:
    assert parcel.late is sys.modules["parcel.late"]


@pytest.mark.parametrize("name", ["Absent", "Inner", "absent", "__wrapped__"])
def test_other_names_are_not_there_and_load_nothing(parcel: types.ModuleType, name: str) -> None:
    with pytest.raises(AttributeError, match=f"module 'parcel' has no attribute '{name}'"):
        getattr(parcel, name)
    assert parcel.loaded == []


def test_an_import_of_a_name_that_is_not_there_says_so(parcel: types.ModuleType) -> None:
    with pytest.raises(ImportError, match="cannot import name 'Absent' from 'parcel'"):
        exec("from parcel import Absent", {})  # noqa: S102
    assert parcel.loaded == []


def test_all_names_are_in_dir_before_they_are_loaded(parcel: types.ModuleType) -> None:
    assert {"Early", "Late", "loaded", "__all__"} <= set(dir(parcel))
    assert parcel.loaded == []


def test_import_with_a_star_brings_them_all(parcel: types.ModuleType) -> None:
    names: dict[str, object] = {}
    exec("from parcel import *", names)  # noqa: S102
    assert names["Early"] is parcel.Early
    assert names["Late"] is parcel.Late


def test_what_it_gives_can_be_pickled(parcel: types.ModuleType) -> None:
    assert pickle.loads(pickle.dumps(parcel.Late)) is parcel.Late  # noqa: S301


def test_a_module_that_cannot_be_loaded_says_why(parcel: types.ModuleType) -> None:
    path = Path(str(parcel.__file__)).with_name("late.py")
    path.write_text("import surely_not_installed")
    with pytest.raises(ModuleNotFoundError, match="surely_not_installed"):
        _ = parcel.Late
