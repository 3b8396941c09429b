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
OPEN_TARGETS = {
    "certificate-verifier",
    "picture-file",
    "replies",
    "settings",
    "settings-file",
    "unchecked-certificate",
    "wire",
}
OPEN_INPUTS = {
    "a key for the name of a setting",
    "a key of many parts in TOML",
    "a line break in a message",
    "a lone surrogate in a code",
    "a lone surrogate in a message",
    "a modulus of 100 KB",
    "a modulus of 100 KB in a certificate",
    "a name that is not UTF-8",
    "a root's serial of 4,400 digits",
    "a serial of 4,400 digits",
    "a status that is none",
    "an escape code in a message",
    "an escape code in a trace id",
    "an even exponent in a certificate",
    "an even exponent in settings",
    "an integer of 100 KB",
    "an integer of 300 KB",
    "an issuer's key of 16,384 bits",
    "an object identifier of 100 KB",
    "an offset of twenty digits",
    "arrays in TOML",
    "tables in TOML",
}
"""What does harm still; delete a name here with its repair."""
OPEN = pytest.mark.xfail(run=False, reason="not repaired yet")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[OPEN] if name in OPEN_TARGETS else []) for name in TARGETS],
)
def test_mutated_inputs_do_no_harm(name: str) -> None:
    report = run(name, SEED, range(INPUTS))
    assert report.inputs == INPUTS
    assert list(report.findings.values()) == []


@pytest.mark.parametrize(
    ("name", "data"),
    [
        pytest.param(name, data, id=f"{title}-{name}", marks=[OPEN] if title in OPEN_INPUTS else [])
        for title, name, data in KNOWN
    ],
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
