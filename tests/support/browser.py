"""A headless Chromium, driven through its DevTools: what a page asks for, says and looks like."""

import asyncio
import base64
import itertools
import json
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp

__all__ = ["CHROMIUM", "Tab", "headless_chromium", "opened_tab"]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_START_SECONDS = 20
_WAIT = """
new Promise((done) => {
  const look = () => (CONDITION) ? done() : setTimeout(look, 5);
  look();
})
"""
_MIDDLE = """
(() => {
  const found = document.querySelector(SELECTOR);
  found.scrollIntoView({block: "center", behavior: "instant"});
  const box = found.getBoundingClientRect();
  return {x: box.left + box.width / 2, y: box.top + box.height / 2};
})()
"""


@contextmanager
def headless_chromium(profile: Path) -> Iterator[str]:
    """Run a browser; its address for `opened_tab`.

    Args:
        profile: a folder for it alone.
    """
    assert CHROMIUM is not None
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run"]
    flags += ["--disable-dev-shm-usage"]  # of which containers have little
    # Whatever it would ask its maker is not what a page asks.
    flags += ["--disable-background-networking", "--disable-component-update", "--lang=en"]
    address = profile / "DevToolsActivePort"
    process = subprocess.Popen(
        [CHROMIUM, *flags, f"--user-data-dir={profile}", "--remote-debugging-port=0"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + _START_SECONDS
        while not address.is_file() or len(address.read_text().splitlines()) != 2:
            assert process.poll() is None, "Chromium has ended"
            assert time.monotonic() < deadline, "Chromium does not start"
            time.sleep(0.01)
        port, path = address.read_text().splitlines()
        yield f"ws://127.0.0.1:{port}{path}"
    finally:
        process.terminate()
        process.wait(10)


class Tab:
    """A tab of the browser.

    Attributes:
        requests: the address of everything that the page has asked for, itself first.
        complaints: errors that the page raised, and what the browser has against it.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self._session: str | None = None
        self.requests: list[str] = []
        self.complaints: list[str] = []

    async def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """Call a method of the DevTools, and note the events until its answer."""
        number = next(self._numbers)
        message: dict[str, object] = {"id": number, "method": method, "params": parameters}
        if self._session is not None:
            message["sessionId"] = self._session
        await self._socket.send_json(message)
        async for received in self._socket:
            told = json.loads(received.data)
            if told.get("id") == number:
                assert "error" not in told, told
                return dict(told["result"])
            self._note(told.get("method"), told.get("params", {}))
        raise AssertionError("Chromium has hung up")

    def _note(self, event: str | None, facts: dict[str, Any]) -> None:
        if event == "Network.requestWillBeSent":
            self.requests.append(facts["request"]["url"])
        elif event == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(facts["exceptionDetails"]))
        elif event == "Log.entryAdded":
            self.complaints.append(facts["entry"]["text"])
        elif event == "Runtime.consoleAPICalled":
            self.complaints.append(json.dumps(facts["args"]))

    async def begin(self) -> None:
        target = await self.call("Target.createTarget", url="about:blank")
        attached = await self.call(
            "Target.attachToTarget", targetId=target["targetId"], flatten=True
        )
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            await self.call(f"{domain}.enable")

    async def show(self, page: Path | str, width: int, *, is_dark: bool = False) -> None:
        """Open a page, a file or an address, in a window, and wait until it has loaded."""
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=844,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
        await self.call("Emulation.setEmulatedMedia", features=[scheme])
        self.requests.clear()
        self.complaints.clear()
        url = page if isinstance(page, str) else page.as_uri()
        await self.call("Page.navigate", url=url)
        await self.wait_for("document.readyState === 'complete'")

    async def evaluate(self, expression: str) -> Any:
        """Return what an expression of JavaScript gives; a promise is waited for."""
        found = await self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    async def wait_for(self, condition: str) -> None:
        """Wait until an expression of JavaScript holds."""
        async with asyncio.timeout(10):
            await self.evaluate(_WAIT.replace("CONDITION", condition))

    async def speak(self, languages: str) -> None:
        """Ask for pages in languages, as `Accept-Language` has them, from the next one on."""
        agent = await self.evaluate("navigator.userAgent")
        await self.call("Emulation.setUserAgentOverride", userAgent=agent, acceptLanguage=languages)

    async def click(self, selector: str, times: int = 1) -> None:
        """Click with the mouse where an element is; twice is a double click."""
        place = await self.evaluate(_MIDDLE.replace("SELECTOR", json.dumps(selector)))
        for count in range(1, times + 1):
            for event in ("mousePressed", "mouseReleased"):
                button = {"button": "left", "clickCount": count}
                await self.call("Input.dispatchMouseEvent", type=event, **button, **place)

    async def type_into(self, selector: str, text: str) -> None:
        """Type a text into a field."""
        await self.click(selector)
        await self.call("Input.insertText", text=text)

    async def choose_files(self, selector: str, *files: Path) -> None:
        """Choose files, as in the dialog of the browser."""
        found = await self.call(
            "Runtime.evaluate", expression=f"document.querySelector({json.dumps(selector)})"
        )
        where = found["result"]["objectId"]
        await self.call("DOM.setFileInputFiles", files=[*map(str, files)], objectId=where)

    async def picture(self) -> bytes:
        """Return the whole page as PNG."""
        height = await self.evaluate("document.documentElement.scrollHeight")
        width = await self.evaluate("innerWidth")
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, 8000), "scale": 1}
        shot = await self.call("Page.captureScreenshot", captureBeyondViewport=True, clip=clip)
        return base64.b64decode(shot["data"])


@asynccontextmanager
async def opened_tab(address: str) -> AsyncIterator[Tab]:
    """Open a tab of a browser that `headless_chromium` runs."""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(address, max_msg_size=0) as socket,
    ):
        tab = Tab(socket)
        await tab.begin()
        yield tab
