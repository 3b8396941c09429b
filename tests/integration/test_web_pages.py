"""The web examples in a browser: a form filled in, progress and verdict seen without a reload.

`SCREENSHOTS=FOLDER` keeps what the pages look like there.
"""

import hashlib
import os
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from support.browser import CHROMIUM, Tab, headless_chromium, opened_tab
from support.slow_relay import SlowRelay
from support.web_programs import FRAMEWORKS, running_program

from alipay_mini_audit import AuditClient, ClientConfig, RetryPolicy
from alipay_mini_audit.examples import web_aiohttp
from alipay_mini_audit.examples.web import Desk
from alipay_mini_audit.sandbox import Fault, Material, SandboxGateway
from alipay_mini_audit.sandbox.samples import png

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium; apt-get install chromium"),
]
SCREENSHOTS = os.environ.get("SCREENSHOTS")
WIDTHS = {"phone": 390, "desk": 1280}
DESCRIPTION = "订单页改版：支持按门店筛选，修复退款金额显示错误 <img src=x onerror=alert(1)>"
SHOTS = [f"{each}_screen_shot" for each in ("first", "second", "third", "fourth", "fifth")]
CUT = """
[...document.querySelectorAll("body *")].filter((each) => {
  const box = each.getBoundingClientRect();
  return box.width && (box.right > innerWidth + 0.5 || box.left < -0.5);
}).map((each) => each.outerHTML.slice(0, 200))
"""
"""What reaches beyond the window."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with headless_chromium(tmp_path_factory.mktemp("chromium")) as address:
        yield address


@pytest.fixture
async def tab(browser: str) -> AsyncIterator[Tab]:
    async with opened_tab(browser) as tab:
        yield tab


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pictures")
    found = {name: folder / f"{name} <b>&.png" for name in ("app_logo", *SHOTS)}
    for seed, (name, path) in enumerate(found.items()):
        is_logo = name == "app_logo"
        path.write_bytes(png(100_000 if is_logo else 4_000_000, seed=seed, square=is_logo))
    return found


async def photograph(tab: Tab, name: str) -> None:
    if SCREENSHOTS:
        Path(SCREENSHOTS, f"{name}.png").write_bytes(await tab.picture())  # noqa: ASYNC240


async def state_of(tab: Tab, version: str, state: str) -> None:
    """Wait until the page shows a version in a state."""
    await tab.wait_for(
        f"document.querySelector(`[data-version='{version}'][data-state='{state}']`)"
    )


async def told(tab: Tab) -> str:
    """Return what the page tells of a submission, once it does."""
    await tab.wait_for("!document.getElementById('told').hidden")
    return str(await tab.evaluate("document.getElementById('told').innerText"))


@pytest.mark.parametrize("framework", FRAMEWORKS)
async def test_a_version_goes_from_the_form_to_its_verdict(
    framework: str, tab: Tab, pictures: dict[str, Path], material: Material, tmp_path: Path
) -> None:
    async with (
        SandboxGateway(material=material) as gateway,
        SlowRelay(gateway.base_url, rate=16e6) as relay,
        running_program(framework, relay.base_url, material, tmp_path) as program,
    ):
        gateway.notifications.url = f"{program.url}alipay"
        await tab.show(program.url, WIDTHS["desk"])
        await tab.type_into("#app_version", "1.0.0")
        await tab.type_into("#version_desc", DESCRIPTION)
        await tab.choose_files("#app_logo", pictures["app_logo"])
        await tab.choose_files("#screen_shots", *(pictures[name] for name in SHOTS))
        await tab.evaluate(
            "window.seen = new Set(); new MutationObserver(() => {"
            "const bar = document.querySelector('progress'); bar && seen.add(bar.value / bar.max);"
            "}).observe(document.getElementById('rows'), {subtree: true, childList: true})"
        )
        await tab.click("#submit", times=2)
        await state_of(tab, "1.0.0", "sending")
        await tab.wait_for("seen.size > 3")
        await photograph(tab, f"web-{framework}-sending")
        await state_of(tab, "1.0.0", "AUDITING")
        assert "Version 1.0.0 is in audit." in await told(tab)
        seen = await tab.evaluate("[...seen]")
        assert seen == sorted(seen)
        assert 0.0 <= seen[0] < seen[-1] <= 1.0

        gateway.decide("1.0.0", "AUDIT_REJECT", reject_reason="The logo <b>is</b> blurred.")
        await state_of(tab, "1.0.0", "AUDIT_REJECT")
        row = await tab.evaluate("document.querySelector('[data-version]').innerText")
        assert "Reason: The logo <b>is</b> blurred." in row
        assert DESCRIPTION in row
        await photograph(tab, f"web-{framework}-rejected")
        assert gateway.accepted("1.0.0") == len(gateway.arrivals) == 1
        (submission,) = gateway.submissions
        assert {part.name: part.sha256 for part in submission.parts} == {
            name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in pictures.items()
        }
        await tab.click("[data-version] button")
        await state_of(tab, "1.0.0", "INIT")
        assert "Version 1.0.0 is in development again." in await told(tab)
        assert gateway.status("1.0.0") == "INIT"
        assert await tab.evaluate("document.querySelectorAll('img').length") == 0
        assert tab.complaints == []


@asynccontextmanager
async def served_page(gateway: SandboxGateway) -> AsyncIterator[str]:
    """Serve the page in this process, with a client that leaves an unknown outcome unknown."""
    desk = Desk(gateway.credentials)
    retry = RetryPolicy(attempts=1, resolve=False, unknown_window=0.1)
    config = ClientConfig(base_url=gateway.base_url, retry=retry)
    app = web.Application()
    app.add_routes(web_aiohttp.routes)
    app[web_aiohttp.DESK] = desk
    async with (
        AuditClient(gateway.credentials, config, observers=[desk]) as client,
        TestServer(app) as server,
    ):
        desk.open(client)
        url = str(server.make_url("/"))
        gateway.notifications.url = f"{url}alipay"
        try:
            yield url
        finally:
            await desk.aclose()


async def submit(
    tab: Tab, version: str, description: str, files: Mapping[str, Path] | None = None
) -> None:
    await tab.evaluate("document.getElementById('form').reset()")
    await tab.evaluate("document.getElementById('told').hidden = true")
    await tab.type_into("#app_version", version)
    await tab.type_into("#version_desc", description)
    for selector, path in (files or {}).items():
        await tab.choose_files(selector, path)
    await tab.click("#submit")


async def test_what_nobody_knows_is_asked_for_on_the_page(tab: Tab, material: Material) -> None:
    async with SandboxGateway(material=material) as gateway, served_page(gateway) as url:
        await tab.show(url, WIDTHS["desk"])
        gateway.faults.add(Fault.CLOSE_AFTER_ACCEPTING, operation="apply")
        await submit(tab, "1.0.0", DESCRIPTION)
        await state_of(tab, "1.0.0", "unknown")
        assert "nobody knows whether it is in audit" in await told(tab)
        await submit(tab, "1.0.0", DESCRIPTION)
        assert "Ask for it in the list first" in await told(tab)
        await tab.click("#rows button")
        await state_of(tab, "1.0.0", "AUDITING")
        assert "Version 1.0.0 is in audit" in await told(tab)
        assert len(gateway.arrivals) == 1


async def test_more_than_the_server_would_read_is_not_sent(
    tab: Tab, pictures: dict[str, Path], material: Material, tmp_path: Path
) -> None:
    large = tmp_path / "large.zip"
    with large.open("wb") as file:
        file.truncate(120_000_000)
    async with SandboxGateway(material=material) as gateway, served_page(gateway) as url:
        await tab.show(url, WIDTHS["desk"])
        await tab.type_into("#app_version", "1.0.0")
        await tab.choose_files("#screen_shots", *pictures.values())
        assert await tab.evaluate("document.getElementById('chosen').textContent") == (
            "Files: 6, 20.1 MB"
        )
        tab.requests.clear()
        await tab.click("#submit")
        assert "Screenshots (app_logo <b>&.png): There are too many files." in await told(tab)
        await tab.choose_files("#screen_shots", pictures["app_logo"])
        await tab.choose_files("#test_file", large)
        await tab.click("#submit")
        await tab.wait_for("document.getElementById('told').innerText.startsWith('These files')")
        assert tab.requests == []


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_nothing_is_cut_in_either_language(
    tab: Tab, pictures: dict[str, Path], material: Material, language: str
) -> None:
    async with SandboxGateway(material=material) as gateway, served_page(gateway) as url:
        await tab.speak("zh-CN,zh;q=0.9" if language == "zh" else "en-GB,en;q=0.9")
        await tab.show(url, WIDTHS["desk"], is_dark=language == "zh")
        gateway.faults.add(Fault.CLOSE_AFTER_BODY, operation="apply")
        await submit(tab, "1.0.0", DESCRIPTION)
        await state_of(tab, "1.0.0", "unknown")
        for version, status in (("1.0.1", "AUDIT_REJECT"), ("1.0.2", "WAIT_RELEASE")):
            await submit(tab, version, DESCRIPTION)
            await state_of(tab, version, "AUDITING")
            gateway.decide(version, status, reject_reason="图标不清晰 " + "W" * 300)
            await state_of(tab, version, status)
            gateway.decide(version, "OFFLINE")  # or the next one could not be submitted
        await submit(tab, "1.0.3", DESCRIPTION)
        await state_of(tab, "1.0.3", "AUDITING")
        files = {"#out_door_pic": pictures["app_logo"], "#test_file": pictures["app_logo"]}
        await submit(tab, "W" * 64, "short", files)
        await told(tab)
        assert (await tab.evaluate("document.documentElement.lang"))[:2] == language
        seen = await tab.evaluate("document.body.innerText")
        words = {"en": "Please correct this", "zh": "请修正以下问题"}
        assert [each for each, word in words.items() if word in seen] == [language]
        assert await tab.evaluate(
            "document.getElementById('version_desc').getAttribute('aria-invalid')"
        )
        for window, width in WIDTHS.items():
            await tab.call(
                "Emulation.setDeviceMetricsOverride",
                width=width,
                height=844,
                deviceScaleFactor=1,
                mobile=width < 600,
            )
            await photograph(tab, f"web-{window}-{language}")
            assert await tab.evaluate("document.documentElement.scrollWidth") == width
            assert await tab.evaluate(CUT) == []
        assert [each for each in tab.complaints if "50" not in each and "422" not in each] == []
