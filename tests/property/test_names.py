"""Whatever its entries are called from run to run, no accepted version is sent again."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.scripted_platform import BINDING, REPLY, ScriptedPlatform

from alipay_mini_audit.batch import (
    BatchPolicy,
    Binding,
    EntryState,
    MemoryJournal,
    SqliteJournal,
    Submission,
)
from alipay_mini_audit.batch.manifest.building import made_key, mini_app_of
from alipay_mini_audit.batch.runner import run_batch
from alipay_mini_audit.calls import Call, SendGate
from alipay_mini_audit.errors import InvalidRequest, Outcome, ReplyLost
from alipay_mini_audit.models import ApplyReply, AuditApply, Resolution

MERCHANTS = ("own", "first", "second")
"""The first of them is the application itself, for which no token is used."""
VERSIONS = ("0.0.1", "0.0.2")
ANSWERS = ("accepted", "accepted", "refused", "accepted, and the reply was lost", "lost on its way")
POLICY = BatchPolicy(concurrency=2, unknown_window=0.0)
AnyJournal = MemoryJournal | SqliteJournal
Version = tuple[str, str]


@attrs.frozen
class Wish:
    """An entry that a manifest may hold; a number of a name says how it is spelled, 0 is none."""

    merchant: str
    version: str
    name: int


@attrs.frozen
class Night:
    """A run: what is in the manifest, and whose tokens were renewed before."""

    wishes: list[Wish]
    renewed: frozenset[str]


WISHES = st.builds(Wish, st.sampled_from(MERCHANTS), st.sampled_from(VERSIONS), st.integers(0, 2))
NIGHTS = st.lists(
    st.builds(
        Night,
        st.lists(WISHES, min_size=1, max_size=8),
        st.frozensets(st.sampled_from(MERCHANTS[1:])),
    ),
    min_size=2,
    max_size=5,
)


class Platform:
    """Accepts, refuses and loses, and knows whose tokens it has given out."""

    def __init__(self, answers: list[str]) -> None:
        self.accepted: list[Version] = []
        self._answers = answers
        self._scripted = ScriptedPlatform()
        self._calls: dict[int, tuple[Call, Version]] = {}

    @property
    def binding(self) -> Binding:
        return BINDING

    def token_of(self, submission: Submission) -> str | None:
        return submission.app_auth_token

    async def prepare(self, submission: Submission) -> Call:
        call = await self._scripted.prepare(submission)
        self._calls[id(call)] = (call, _version_of(submission))
        return call

    async def submit(self, call: Call, gate: SendGate) -> ApplyReply:
        await self._scripted.submit(call, gate)
        answer = self._answers.pop() if self._answers else ANSWERS[0]
        if answer.startswith("accepted"):
            self.accepted.append(self._calls[id(call)][1])
        if "lost" in answer:
            raise ReplyLost("Gone.", outcome=Outcome.UNKNOWN)
        if answer == "refused":
            raise InvalidRequest("INVALID_LOGO", "No.", outcome=Outcome.REFUSED)
        return REPLY

    async def ask(self, submission: Submission, ago: float) -> Resolution:
        del ago
        has_landed = _version_of(submission) in self.accepted
        return Resolution(landed=has_landed)


def _version_of(submission: Submission) -> Version:
    merchant = (submission.app_auth_token or "own").partition(" ")[0]
    return merchant, submission.request.app_version or ""


class Manifests:
    """Writes what a careless operator gives from night to night.

    Between two nights either the name of an entry changes or its token: if both do, nobody can tell
    that it is the same.
    """

    def __init__(self, *, has_keys: bool) -> None:
        self._has_keys = has_keys
        self._renewals = dict.fromkeys(MERCHANTS, 0)
        self._known: dict[Version, tuple[int, int]] = {}

    def submissions(self, night: Night) -> list[Submission]:
        for merchant in night.renewed:
            self._renewals[merchant] += 1
        given: list[Submission] = []
        begun: set[Version] = set()
        for wish in night.wishes:
            version = (wish.merchant, wish.version)
            name = min(wish.name, 1) if wish.merchant == "own" else wish.name
            renewal = self._renewals[wish.merchant]
            known_name, known_renewal = self._known.get(version, (name, renewal))
            if version not in begun:
                if renewal != known_renewal:
                    if not known_name and not self._has_keys:
                        continue  # only the token has told whose it is
                    name = known_name
                self._known[version] = (name or known_name, renewal)
                begun.add(version)
            given.append(self._submission(wish, name, renewal))
        return given

    def _submission(self, wish: Wish, name: int, renewal: int) -> Submission:
        token = None if wish.merchant == "own" else f"{wish.merchant} {renewal}"
        mini_app = f"{wish.merchant} called {name}" if name else None
        key = made_key(mini_app_of(mini_app, token), wish.version)
        if self._has_keys:
            key = f"{wish.merchant} {wish.version}"
        request = AuditApply(app_version=wish.version, version_desc="The same each night.")
        return Submission(key, request, app_auth_token=token, mini_app=mini_app)


async def run_all(
    nights: list[Night], manifests: Manifests, platform: Platform, path: Path | None
) -> list[set[Version]]:
    """Return what each night has said is submitted."""
    said = []
    async with AsyncExitStack() as stack:
        journal: AnyJournal = MemoryJournal() if path is None else SqliteJournal(path)
        await stack.enter_async_context(journal)
        for night in nights:
            given = manifests.submissions(night)
            by_key = {each.key: _version_of(each) for each in given}
            found = run_batch(platform, given, journal, POLICY)
            entries = [entry async for entry in found]
            assert len(entries) == len(given)
            said.append({by_key[each.key] for each in entries if each.state is EntryState.DONE})
    return said


def check(nights: list[Night], answers: list[str], path: Path | None, *, has_keys: bool) -> None:
    platform, manifests = Platform(answers), Manifests(has_keys=has_keys)
    said = asyncio.run(run_all(nights, manifests, platform, path))
    assert len(set(platform.accepted)) == len(platform.accepted)
    assert set().union(*said) == set(platform.accepted)


@pytest.mark.parametrize("has_keys", [False, True])
@given(nights=NIGHTS, answers=st.lists(st.sampled_from(ANSWERS), max_size=12))
def test_no_version_is_accepted_twice(
    nights: list[Night], answers: list[str], *, has_keys: bool
) -> None:
    check(nights, answers, None, has_keys=has_keys)


@settings(max_examples=20)
@given(nights=NIGHTS, answers=st.lists(st.sampled_from(ANSWERS), max_size=12))
def test_no_version_is_accepted_twice_with_a_journal_on_disk(
    nights: list[Night], answers: list[str]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        check(nights, answers, Path(folder, "night.journal"), has_keys=False)
