"""The page of a submission: what auditors and people will see, and what is wrong with it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final, final

import attrs

from alipay_mini_audit.batch.report.spreadsheet import beijing_time
from alipay_mini_audit.batch.report.template import POLICY, escaped, filled
from alipay_mini_audit.cli.preview.pictures import ShownFile
from alipay_mini_audit.cli.preview.problems import PlacedProblems
from alipay_mini_audit.cli.preview.wording import FIELD_NAMES, PART_NAMES, WORDS
from alipay_mini_audit.models.fields import FIELDS, Counting, FieldSpec, Length
from alipay_mini_audit.preflight.text import width
from alipay_mini_audit.problems import Problem, Severity

__all__ = ["Preview", "preview_page"]

_BREAK: Final = re.compile(r"\r\n|\r|\n")
"""Unicode has more, which are shown as their escapes: a person would take them for these."""
_KIB: Final = 1024
_MIB: Final = 1024 * 1024


@final
@attrs.frozen(kw_only=True)
class Preview:
    """A submission as the page shows it.

    Attributes:
        name: of its folder or file.
        fields: values by attribute of `AuditApply`.
        files: in the order of sending.
        problems: in the language of the page.
        language: "zh" or "en".
        now: the time, in seconds since 1970.
    """

    name: str
    fields: Mapping[str, object] = attrs.field(repr=False)
    files: Sequence[ShownFile]
    problems: Sequence[Problem]
    language: str
    now: float


def preview_page(preview: Preview, template: str, css: str) -> str:
    """Return one self-contained page of HTML.

    Args:
        preview: what to show.
        template: the page's HTML, as it lies beside this module.
        css: its styles, likewise.
    """
    words = WORDS[preview.language]
    severities = {each: words[each.value] for each in Severity}
    placed = PlacedProblems(preview.problems, severities)
    others = placed.told("")
    facts = {
        "css": css,
        "policy": escaped(POLICY),
        "name": escaped(preview.name),
        "made_line": words["made"].format(time=beijing_time(preview.now)),
        "verdict": _verdict(placed, words),
        "other_problems": f"<section><h2>{words['others']}</h2>{others}</section>"
        if others
        else "",
        "phone_content": _phone(preview, placed, words),
        "rows": _rows(preview, placed, words),
        "cards": _cards(preview, placed, words),
    }
    return filled(template, {**words, **facts})


def _verdict(placed: PlacedProblems, words: Mapping[str, str]) -> str:
    errors, warnings = placed.counts[Severity.ERROR], placed.counts[Severity.WARNING]
    if not errors and not warnings:
        return f'<p class="verdict well">{words["is_well"]}</p>'
    told = [
        f'<span class="{kind}"><b>{count}</b> {words[name]}</span>'
        for kind, count in (("error", errors), ("warning", warnings))
        for name in (f"one_{kind}" if count == 1 else f"{kind}s",)
        if count
    ]
    return f'<p class="verdict">{" ".join(told)}</p>'


def _phone(preview: Preview, placed: PlacedProblems, words: Mapping[str, str]) -> str:
    def text(name: str, otherwise: str = "") -> str:
        """Return what stands in a field; dots if that cannot be used."""
        value = preview.fields.get(name)
        if isinstance(value, str) and value.strip():
            return _lines(value)
        return "…" if name in placed.places() else otherwise

    logo = next((file for file in preview.files if file.part.field == "app_logo"), None)
    shots = [file for file in preview.files if file.part.field == "screen_shots" and file.uri]
    picture = (
        f'<img class="logo" src="{logo.uri}" alt="">'
        if logo is not None and logo.uri
        else f'<span class="logo none">{words["no_logo"]}</span>'
    )
    missing = '<span class="none">{}</span>'
    strip = "".join(f'<img src="{file.uri}" alt="{escaped(file.name)}">' for file in shots)
    about = text("app_desc")
    news = text("version_desc")
    contact = " · ".join(filter(None, (text("service_phone"), text("service_email"))))
    heading = words["new"].format(version=text("app_version", "…"))
    return (
        f'<div class="head">{picture}<div><h3>{text("app_name", missing.format(words["no_name"]))}'
        f"</h3><p>{text('app_slogan', missing.format(words['no_slogan']))}</p></div></div>"
        + (f'<div class="shots">{strip}</div>' if strip else _none(words["no_screenshots"]))
        + (f"<p>{about}</p>" if about else "")
        + (f"<h4>{heading}</h4><p>{news}</p>" if news else "")
        + (f"<h4>{words['contact']}</h4><p>{contact}</p>" if contact else "")
    )


def _none(text: str) -> str:
    return f'<p class="none">{text}</p>'


def _rows(preview: Preview, placed: PlacedProblems, words: Mapping[str, str]) -> str:
    which = 1 if preview.language == "zh" else 0
    rows = []
    missing = []
    for name, spec in FIELDS.items():
        value = preview.fields.get(name)
        problems = placed.told(name)
        label = FIELD_NAMES[name][which]
        if value is None or value == "":
            if not problems:
                missing.append(label)
                continue
            shown, length = "", ""
        else:
            shown, length = _value(spec, value, words), _length(spec, value, words)
        rows.append(
            f'<div class="row"><dt>{label}<code>{spec.wire_name}</code></dt><dd>{shown}'
            f"{length}{problems}</dd></div>"
        )
    told = f"<dl>{''.join(rows)}</dl>" if rows else _none(words["no_texts"])
    names = words["comma"].join(missing)
    return told + (_none(words["not_given"].format(names=names)) if missing else "")


def _value(spec: FieldSpec, value: object, words: Mapping[str, str]) -> str:
    if spec.is_secret:
        return f'<p class="value masked">•••••• <span>{words["masked"]}</span></p>'
    if isinstance(value, bool):
        return f'<p class="value">{words["yes" if value else "no"]}</p>'
    if isinstance(value, list | tuple):
        return "".join(f'<p class="value">{_place(each)}</p>' for each in value)
    return f'<p class="value">{_lines(value)}</p>'


def _place(place: object) -> str:
    """Return a place of service on a line."""
    facts = place if isinstance(place, Mapping) else attrs.asdict(place)  # type: ignore[arg-type]
    return escaped(" ".join(str(value) for value in facts.values() if value))


def _lines(value: object) -> str:
    """Return a text with its line breaks, which `printable` would show as escapes."""
    return "<br>".join(map(escaped, _BREAK.split(str(value).replace("\t", " "))))


def _length(spec: FieldSpec, value: object, words: Mapping[str, str]) -> str:
    limits = spec.length
    if limits is None or spec.is_secret or not isinstance(value, str):
        return ""
    least, most = (len(value), len(value)) if limits.counting is Counting.ONCE else width(value)
    count = str(least) if least == most else words["either"].format(least=least, most=most)
    key = "length" if limits.minimum > 1 else "length_up_to"
    text = words[key].format(count=count, minimum=limits.minimum, maximum=limits.maximum)
    share = min(1.0, most / limits.maximum)
    fit = _fit(limits, least, most)
    return f'<p class="length {fit}"><i style="--share:{share:.3f}"></i>{text}</p>'


def _fit(limits: Length, least: int, most: int) -> str:
    if least > limits.maximum or most < limits.minimum:
        return "error"
    return "warning" if most > limits.maximum or least < limits.minimum else "well"


def _cards(preview: Preview, placed: PlacedProblems, words: Mapping[str, str]) -> str:
    which = 1 if preview.language == "zh" else 0
    cards = []
    shown = {file.part.location for file in preview.files}
    for file in preview.files:
        label = PART_NAMES[file.part.field][which]
        position = file.part.position
        number = "" if position is None else f" {position + 1}"
        inside = f'<img src="{file.uri}" alt="{label}">' if file.uri else _none(words[file.instead])
        facts = [_size(file.size)] if file.size is not None else []
        if file.pixels is not None:
            facts.append(words["pixels"].format(width=file.pixels[0], height=file.pixels[1]))
        cards.append(
            f'<figure><div class="frame">{inside}</div><figcaption><b>{label}{number}</b> '
            f"<bdi>{escaped(file.name)}</bdi><span>{' · '.join(facts)}</span>"
            f'<span class="limits">{_limits(file, words)}</span>'
            f"{placed.told(file.part.location)}</figcaption></figure>"
        )
    lost = [
        f"<figure><figcaption><code>{escaped(place)}</code>{placed.told(place)}"
        "</figcaption></figure>"
        for place in sorted(placed.places())
        if place.startswith("attachments.") and place not in shown
    ]
    return "".join(cards + lost) or _none(words["no_files"])


def _limits(file: ShownFile, words: Mapping[str, str]) -> str:
    part = file.part
    key = "limits" if part.max_width is None else "limits_pixels"
    return words[key].format(
        formats=" ".join(part.formats),
        size=_size(part.max_bytes),
        width=part.max_width,
        height=part.max_height,
    )


def _size(size: int) -> str:
    if size < _MIB:
        return f"{max(1, round(size / _KIB)):,} KB"
    return f"{size / _MIB:.1f}".removesuffix(".0") + " MB"
