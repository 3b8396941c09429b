"""The calls of a round: how they are made, what they claim, and what the platform did."""

import asyncio
import io
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import attrs
from support.judge_link import Head
from support.judge_players import Notebook, Players
from support.judge_story import Step, Story, Treatment
from support.judge_verdict import Claim, Deed, End, Violation, judge
from support.raw_client import RawClient

from alipay_mini_audit import (
    AuditApply,
    AuditClient,
    AuditError,
    ClientConfig,
    Outcome,
    Preflight,
    RetryPolicy,
    StreamSource,
    Timeouts,
)
from alipay_mini_audit.sandbox import SandboxGateway

WINDOW = 1.5
"""`RetryPolicy.unknown_window`: longer than what was sent can still arrive (`LATENESS`)."""
PATIENCE = 40.0
_MARK = re.compile(r"call \d+\.\d+\.\d+")
_SIDE_BY_SIDE = 64


@attrs.define(eq=False)
class Director:
    """Says how each request is treated, and keeps what it said.

    Attributes:
        stories: by their merchant's token.
        tales: what it said of the requests of each.
    """

    stories: dict[str, Story]
    tales: defaultdict[str, list[str]] = attrs.field(factory=lambda: defaultdict(list))

    def treat(self, head: Head) -> Treatment:
        """Say how the relay treats a request."""
        story = self.stories.get(head.headers.get("alipay-app-auth-token", ""))
        if story is None:
            return Treatment()
        treatment = story.next_treatment()
        what = head.raw.split(b" ", 2)[1].partition(b"?")[0].rpartition(b"/")[2].decode()
        self.tales[story.token].append(f"{what} {_told(treatment)}".strip())
        return treatment


@attrs.define(eq=False)
class Round:
    """Plays stories and collects what was claimed and what was done."""

    number: int
    folder: Path
    gateway: SandboxGateway
    players: Players
    director: Director
    others: RawClient
    notebook: Notebook
    calls: Counter[int] = attrs.field(factory=Counter)
    claims: list[Claim] = attrs.field(factory=list)
    decisions: list[tuple[int, Deed]] = attrs.field(factory=list)
    doubts: list[tuple[int, AuditApply, str, datetime]] = attrs.field(factory=list)

    async def play(self, chosen: Sequence[Story]) -> None:
        """Play stories to their ends."""
        places = asyncio.Semaphore(_SIDE_BY_SIDE)

        async def one(story: Story) -> None:
            async with places:
                for phase in story.phases:
                    steps = (self._step(story, step) for step in phase)
                    await asyncio.gather(*steps)

        await asyncio.gather(*(one(story) for story in chosen))

    async def _step(self, story: Story, step: Step) -> None:
        await asyncio.sleep(step.delay)
        if step.name in ("apply", "cancel"):
            await self._call(story, step)
        elif step.name == "close":
            await self.players.replace(step.slot, step.grace)
        elif step.name == "decide":
            self._decide(story, step.status)
        else:
            await self._act(story, step.name)

    def _decide(self, story: Story, status: str) -> None:
        self.gateway.decide(story.version, status, app_auth_token=story.token)
        deed = Deed(
            place=(story.token, story.version),
            mark="auditors",
            accepted=True,
            ends_audit=status == "INIT",
        )
        self.decisions.append((len(self.gateway.arrivals), deed))

    async def _act(self, story: Story, name: str) -> None:
        raw = self.others
        fields = {"app_version": story.version, "version_desc": "Submitted by somebody else."}
        if name == "actor apply":
            await raw.send(raw.apply(data=fields, token=story.token))
        else:
            body = f'{{"app_version":"{story.version}"}}'
            await raw.send(raw.cancel(body, token=story.token))

    async def _call(self, story: Story, step: Step) -> None:
        self.calls[story.number] += 1
        mark = f"call {self.number}.{story.number}.{self.calls[story.number]}"
        player = self.players.slots[step.slot]
        since = datetime.now(UTC)
        request = AuditApply(app_version=story.version, version_desc=f"This is {mark}. " + "x" * 30)
        making = self._making(player.client, story, step, mark, request)
        task = asyncio.create_task(making)
        if step.leave is not None and step.leave[0] == "cancel":
            asyncio.get_running_loop().call_later(step.leave[1], task.cancel)
        await asyncio.wait({task}, timeout=PATIENCE)
        claim = self._claim(story, step, mark, task)
        if claim.end is End.REPLY:
            player.relay.tell(task.result().meta.trace_id)
        in_doubt = claim.outcome is Outcome.UNKNOWN or claim.end is End.LEFT
        if step.name == "apply" and in_doubt and claim.is_started:
            self.doubts.append((len(self.claims), request, story.token, since))
        self.claims.append(claim)

    async def _making(
        self, client: AuditClient, story: Story, step: Step, mark: str, request: AuditApply
    ) -> object:
        connect, stall, reply, total = step.limits
        limits = Timeouts(
            connect=connect, stall=stall, reply=reply, total=total, sign=2, queue=step.queue
        )
        retry = RetryPolicy(
            attempts=step.attempts,
            initial_delay=0.02,
            max_delay=0.3,
            resolve=step.resolve,
            unknown_window=WINDOW,
        )
        view = client.with_options(
            app_auth_token=story.token, timeouts=limits, retry=retry, label=mark
        )
        seconds = step.leave[1] if step.leave is not None and step.leave[0] == "timeout" else None
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                if step.name == "apply":
                    return await view.apply(request, self._files(step))
                return await view.cancel(story.version, extra={"judged": mark})
        except TimeoutError as error:
            if not limit.expired():
                raise AssertionError("it is not its caller's") from error
            raise

    def _files(self, step: Step) -> dict[str, object] | None:
        if not step.size:
            return None
        path = self.folder / f"{step.size}.png"
        if step.kind == "stream":
            return {"app_logo": StreamSource(io.BytesIO(path.read_bytes()), "logo.png")}
        return {"app_logo": path if step.kind == "file" else path.read_bytes()}

    def _claim(self, story: Story, step: Step, mark: str, task: asyncio.Task[object]) -> Claim:
        event = self.notebook.ended.get(mark)
        common = Claim(
            mark=mark,
            operation=step.name,
            place=(story.token, story.version),
            end=End.HUNG,
            is_started=mark in self.notebook.started,
            is_told=event is not None,
            told=None if event is None else event.outcome,
            seems_lost=mark in self.notebook.seems_lost,
            detail=f"{step.leave} {step.limits} attempts={step.attempts} slot={step.slot}",
        )
        if not task.done():
            task.cancel()
            return common
        error = _error_of(task)
        if error is None:
            return attrs.evolve(common, end=End.REPLY, is_resolved=task.result().meta.resolved)
        detail = f"{common.detail}: {type(error).__name__}: {error}"
        if isinstance(error, AuditError):
            return attrs.evolve(
                common,
                end=End.ERROR,
                outcome=error.outcome,
                is_repeatable=error.is_repeatable,
                detail=detail,
                told=common.told if common.is_started else error.outcome,
            )
        mode = None if step.leave is None else step.leave[0]
        left = {"cancel": asyncio.CancelledError, "timeout": TimeoutError}.get(mode or "")
        if left is None or type(error) is not left or (mode == "cancel" and not task.cancelling()):
            return attrs.evolve(common, end=End.FOREIGN, detail=detail)
        notes = [*_notes(error), *_notes(error.__cause__), *_notes(error.__context__)]
        told = None if common.told is None else common.told.value
        has_note = any(told is not None and told in note for note in notes)
        return attrs.evolve(
            common, end=End.LEFT, outcome=common.told, has_note=has_note, detail=detail
        )

    async def ask_later(self) -> None:
        """Ask about every apply in doubt, now that nothing is under way."""
        if self.players.by_certificate:
            return
        nothing_arrives_any_more = RetryPolicy(unknown_window=0)
        config = ClientConfig(
            preflight=Preflight.OFF, base_url=self.gateway.base_url, retry=nothing_arrives_any_more
        )
        async with AuditClient(self.gateway.credentials, config) as client:
            for index, request, token, since in self.doubts:
                try:
                    found = await client.resolve_apply(request, since=since, app_auth_token=token)
                except AuditError:
                    continue  # the platform refuses a clock that is too far off
                self.claims[index] = attrs.evolve(
                    self.claims[index], is_asked_later=True, landed_later=found.landed
                )

    def deeds(self) -> list[Deed]:
        """Return what the platform did, in its order."""
        found = [
            Deed(
                place=(each.app_auth_token or "", str(each.fields.get("app_version"))),
                mark=_mark(each.fields),
                accepted=each.code is None,
                ends_audit=each.operation == "cancel" and each.code is None,
                second=int(each.judged_at),
            )
            for each in self.gateway.arrivals
        ]
        for position, deed in reversed(self.decisions):
            found.insert(position, deed)
        return found

    def violations(self) -> list[Violation]:
        """Judge the calls, and tell with each broken promise what happened to its story."""
        deeds = self.deeds()
        tales = {}
        for claim in self.claims:
            done = [
                f"{deed.mark} {'accepted' if deed.accepted else 'refused'}"
                for deed in deeds
                if deed.place == claim.place
            ]
            tales[claim.mark] = (
                f"\n    relay: {self.director.tales[claim.place[0]]}\n    platform: {done}"
            )
        return [
            attrs.evolve(found, detail=found.detail + tales[found.mark])
            for found in judge(self.claims, deeds)
        ]


def _told(treatment: Treatment) -> str:
    usual = attrs.asdict(Treatment(), recurse=False)
    given = attrs.asdict(treatment, recurse=False)
    told = [f"{name}={value}" for name, value in given.items() if value != usual[name]]
    return " ".join(told)


def _mark(fields: Mapping[str, object]) -> str:
    found = _MARK.search(f"{fields.get('version_desc')} {fields.get('judged')}")
    return "another" if found is None else found.group()


def _notes(error: BaseException | None) -> list[str]:
    return [] if error is None else getattr(error, "__notes__", [])


def _error_of(task: asyncio.Task[object]) -> BaseException | None:
    if task.cancelled():
        try:
            task.result()
        except asyncio.CancelledError as error:
            return error
    return task.exception()
