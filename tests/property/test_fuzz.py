"""Any input at the public doors is taken, or refused as documented.

The short form; `tests/fuzz` says how to run the long one.
"""

from pathlib import Path

import pytest
from fuzz.campaign import run
from fuzz.judge import judge
from fuzz.known import KNOWN
from fuzz.mutators import Mixer
from fuzz.targets import TARGETS

SEED = 1
INPUTS = 15


@pytest.mark.parametrize("name", TARGETS)
def test_mutated_inputs_do_no_harm(name: str) -> None:
    report = run(name, SEED, range(INPUTS))
    assert report.inputs == INPUTS
    assert list(report.findings.values()) == []


@pytest.mark.parametrize(
    ("name", "data"),
    [pytest.param(name, data, id=f"{title}-{name}") for title, name, data in KNOWN],
)
def test_what_once_did_harm_does_none(name: str, data: bytes, tmp_path: Path) -> None:
    target = TARGETS[name]
    with target.open(tmp_path) as door:
        verdict = judge(target, door, data)
    assert not verdict.fault, verdict.detail


@pytest.mark.parametrize("name", TARGETS)
def test_an_input_follows_from_seed_and_index(name: str) -> None:
    target = TARGETS[name]
    one, two = (Mixer(name, target.seeds, target.mutators) for _ in range(2))
    assert [one.make(7, index) for index in range(5)] == [two.make(7, index) for index in range(5)]
    assert [one.make(7, index) for index in range(5)] != [one.make(8, index) for index in range(5)]
