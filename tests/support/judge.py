"""The judge's count: thousands of calls through everything that goes wrong, and who was told what.

    PYTHONPATH=tests python -m support.judge --calls 10000 --seed 20261125
    PYTHONPATH=tests python -m support.judge --seed 20261125 --only 3.141

The second one plays story 141 of round 3 alone; a failed call is named "call 3.141.1". What depends
on time may go another way then. The exit status is 1 if a promise was broken.

A broken promise that no client could have kept is counted apart: the platform's answers were those
of a world in which the call had not landed, since somebody else put the version back meanwhile.
"""

import argparse
import asyncio
import multiprocessing
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed

import uvloop
from support.judge_round import RoundResult, play_round

ROUND = 500
_EXAMPLES = 3


def play(seed: int, number: int, calls: int, only: int | None = None) -> RoundResult:
    """Play one round; those with odd numbers in uvloop's event loop."""
    factory = uvloop.new_event_loop if number % 2 else asyncio.new_event_loop
    return play_round(seed, number, calls, only=only, loop_factory=factory)


def report(results: list[RoundResult], examples: int = _EXAMPLES) -> Iterator[str]:
    """Yield lines that say what happened and what went wrong."""
    claims = [claim for result in results for claim in result.claims]
    ends = Counter(
        f"{claim.end.value} {claim.outcome.name if claim.outcome else ''}"
        f"{'(asked)' if claim.is_resolved else ''}".strip()
        for claim in claims
    )
    late = sum(result.late for result in results)
    told = ", ".join(f"{count} {end}" for end, count in ends.most_common())
    lag = max(result.lag for result in results)
    yield f"{len(claims)} calls, {late} requests that came late, loop at most {lag} s late: {told}"
    broken = [found for result in results for found in result.violations]
    for kind, count in Counter((each.beyond, each.kind) for each in broken).most_common():
        yield f"{count:6} {kind[1]}{' (no client could know)' if kind[0] else ''}"
        shown = [each for each in broken if (each.beyond, each.kind) == kind][:examples]
        yield from (f"         {each.mark}: {each.detail}" for each in shown)
    for result in results:
        yield from (f"round {result.number}: {complaint}" for complaint in result.complaints)


def failures(results: list[RoundResult]) -> int:
    """Count what a client can be blamed for."""
    return sum(
        sum(not found.beyond for found in result.violations) + len(result.complaints)
        for result in results
    )


def _results(arguments: argparse.Namespace) -> list[RoundResult]:
    if arguments.only:
        number, story = map(int, arguments.only.split("."))
        return [play(arguments.seed, number, 1, story)]
    rounds = range(max(1, arguments.calls // ROUND))
    size = min(arguments.calls, ROUND)
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(arguments.processes, mp_context=spawned) as pool:
        running = [pool.submit(play, arguments.seed, number, size) for number in rounds]
        return [done.result() for done in as_completed(running)]


def main() -> int:
    """Run the count as the command line says; return the exit status."""
    parser = argparse.ArgumentParser(description="The judge's count.")
    parser.add_argument("--calls", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=20261125)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--examples", type=int, default=_EXAMPLES)
    parser.add_argument("--only", metavar="ROUND.STORY")
    arguments = parser.parse_args()
    started = time.monotonic()
    results = sorted(_results(arguments), key=lambda result: result.number)
    lines = [*report(results, arguments.examples)]
    count = failures(results)
    lines.append(f"seed {arguments.seed}, {time.monotonic() - started:.0f} s, {count} failures")
    sys.stdout.write("\n".join(lines) + "\n")
    return int(count > 0)


if __name__ == "__main__":
    sys.exit(main())
