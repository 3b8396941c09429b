"""Draws a run as an SVG: how many times as many submissions a second as bare aiohttp."""

from __future__ import annotations

from typing import Final
from xml.sax.saxutils import escape

from benchmarks.clients import CONTENDERS, FLOOR, OURS
from benchmarks.report import Report
from benchmarks.rounds import MAIN_CONCURRENCY, WORKLOADS, Case, Summary

__all__ = ["draw"]

_LEFT: Final = 196
_BAR: Final = 15
_STEP: Final = 19
_PANEL: Final = 330
_SPACE: Final = 56
_TOP: Final = 64
_HEAD: Final = 30
_COLORS: Final = {OURS: "#1f6feb", FLOOR: "#57606a"}
_OURS_COLOR: Final = "#8db9f5"
_OTHER_COLOR: Final = "#c4cad1"
_STYLE: Final = (
    "text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-size:14px;font-weight:600}"
    ".head{font-weight:600}.small{fill:#57606a}.end{text-anchor:end}"
)


def draw(report: Report) -> str:
    """Return the cases at the main concurrency as an SVG, HTTP on the left and TLS on the right."""
    cases = [case for case in report.cases if case.concurrency == MAIN_CONCURRENCY]
    workloads = list(dict.fromkeys(case.workload for case in cases))
    transports = sorted({case.tls for case in cases})
    names = [name for name in CONTENDERS if any(name in report.cases[case] for case in cases)]
    width = _LEFT + len(transports) * (_PANEL + _SPACE) + 8
    group = _HEAD + len(names) * _STEP + 10
    height = _TOP + len(workloads) * group + 8
    title = f"Submissions per second, as a multiple of bare aiohttp; {MAIN_CONCURRENCY} at once"
    shapes = [
        f'<rect width="{width}" height="{height}" rx="6" fill="#fff"/>',
        _text(16, 26, title, "title"),
    ]
    for column, tls in enumerate(transports):
        left = _LEFT + column * (_PANEL + _SPACE)
        shapes.append(_text(left, 52, "TLS" if tls else "HTTP", "head"))
        for row, workload in enumerate(workloads):
            top = _TOP + row * group
            summaries = report.cases.get(Case(workload, MAIN_CONCURRENCY, tls), {})
            shapes += _group(left, top + _HEAD, names, summaries)
    for row, workload in enumerate(workloads):
        top = _TOP + row * group
        shapes.append(
            _text(
                16, top + 18, f"{workload}: 16 files of {_size(WORKLOADS[workload].size)}", "head"
            )
        )
        shapes += [
            _text(_LEFT - 8, top + _HEAD + place * _STEP + 12, CONTENDERS[name].title, "end")
            for place, name in enumerate(names)
        ]
    body = "\n".join(shapes)
    box = f'viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img">'
    return f"{head}\n<style>{_STYLE}</style>\n{body}\n</svg>\n"


def _group(left: int, top: int, names: list[str], summaries: dict[str, Summary]) -> list[str]:
    """Draw the bars of one case; each case has a scale of its own."""
    shapes: list[str] = []
    longest = max((summary.ratio or 0 for summary in summaries.values()), default=0)
    for place, name in enumerate(names):
        y = top + place * _STEP
        ratio = summaries[name].ratio if name in summaries else None
        if ratio is None:
            shapes.append(_text(left + 4, y + 12, "not measured", "small"))
            continue
        length = max(1.0, _PANEL * ratio / longest)
        color = _COLORS.get(name) or (_OURS_COLOR if name.startswith(OURS) else _OTHER_COLOR)
        shapes.append(
            f'<rect x="{left}" y="{y}" width="{length:.1f}" height="{_BAR}" rx="2" fill="{color}"/>'
        )
        shapes.append(_text(round(left + length + 5), y + 12, f"{ratio:.2f}"))
    return shapes


def _text(x: int, y: int, text: str, kind: str = "") -> str:
    marked = f' class="{kind}"' if kind else ""
    return f'<text x="{x}" y="{y}"{marked}>{escape(text)}</text>'


def _size(count: int) -> str:
    return f"{count // 1_000_000} MB" if count >= 1_000_000 else f"{count // 1000} KB"  # noqa: PLR2004  # a million
