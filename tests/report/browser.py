"""A headless Chromium, driven over a pipe by its DevTools protocol: no port, no driver program, nothing to install."""

import base64
import contextlib
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-default-apps", "--disable-extensions",
    "--disable-sync", "--metrics-recording-only", "--host-resolver-rules=MAP * ~NOTFOUND", "--remote-debugging-pipe",
)  # fmt: skip
# The browser reads commands from descriptor 3 and writes what happens to 4, whatever the numbers are over here.
_PLACED = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.dup2(int(sys.argv[2]), 4); os.execv(sys.argv[3], sys.argv[3:])"
)
_HIGHEST = 16_000  # pixels of an image
_PATIENCE = 60.0  # seconds, for a machine that does much else


def chromium() -> str | None:
    """The browser of this machine, if there is one."""
    return next(filter(None, map(shutil.which, NAMES)), None)


class Browser:
    """One process of the browser; each message is a JSON object that ends with a zero byte."""

    def __init__(self, program: str, home: pathlib.Path) -> None:
        its_input, self._write = os.pipe()
        self._read, its_output = os.pipe()
        command = [sys.executable, "-I", "-S", "-c", _PLACED, str(its_input), str(its_output), program, *_FLAGS]
        self._log = (home / "browser.log").open("wb")
        self._process = subprocess.Popen(
            [*command, f"--user-data-dir={home / 'profile'}"],
            pass_fds=(its_input, its_output), stdout=self._log, stderr=self._log, stdin=subprocess.DEVNULL,
            env=os.environ | {"HOME": str(home)},
        )  # fmt: skip
        os.close(its_input)
        os.close(its_output)
        self._partial, self._number = b"", 0
        self.events: list[dict[str, Any]] = []

    def ask(self, method: str, session: str | None = None, **params: Any) -> dict[str, Any]:
        """The browser's answer to one command; events that come before it are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._write, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + _PATIENCE
        while True:
            for answer in self._received(until):
                if answer.get("id") == self._number:
                    if "error" in answer:
                        raise RuntimeError(f"{method}: {answer['error']['message']}")
                    return answer["result"]

    def wait_for(self, event: str, session: str) -> None:
        """Until that has happened in the session."""
        until = time.monotonic() + _PATIENCE
        while not any(one["method"] == event and one.get("sessionId") == session for one in self.events):
            for _ in self._received(until):
                pass

    def _received(self, until: float) -> Iterator[dict[str, Any]]:
        """Messages as they come: answers are handed on, events kept."""
        ready, _, _ = select.select([self._read], [], [], max(0.0, until - time.monotonic()))
        chunk = os.read(self._read, 2**20) if ready else b""
        if not chunk:
            raise TimeoutError(f"the browser is silent or gone (exit code {self._process.poll()})")
        *whole, self._partial = (self._partial + chunk).split(b"\0")
        messages = [json.loads(one) for one in whole]
        self.events += [one for one in messages if "method" in one]
        yield from (one for one in messages if "method" not in one)

    def close(self) -> None:
        """End the process."""
        with contextlib.suppress(OSError, RuntimeError, TimeoutError):
            self.ask("Browser.close")
        for descriptor in (self._write, self._read):
            os.close(descriptor)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._log.close()


class Page:
    """One page of the browser, loaded."""

    def __init__(self, browser: Browser, url: str, *, width: int, height: int = 900, scripts: bool = True) -> None:
        self._browser = browser
        target = browser.ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = browser.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self._ask(f"{domain}.enable")
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self._ask("Emulation.setDeviceMetricsOverride", **size)
        self._ask("Emulation.setScriptExecutionDisabled", value=not scripts)
        self._ask("Page.navigate", url=url)
        browser.wait_for("Page.loadEventFired", self._session)

    def _ask(self, method: str, **params: Any) -> dict[str, Any]:
        return self._browser.ask(method, self._session, **params)

    def run(self, program: str) -> Any:
        """The value of an expression in the page, also where its own scripts are off."""
        answer = self._ask("Runtime.evaluate", expression=program, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"], indent=1))
        return answer["result"].get("value")

    def _events(self, *methods: str) -> list[dict[str, Any]]:
        mine = [one for one in self._browser.events if one.get("sessionId") == self._session]
        return [one["params"] for one in mine if one["method"] in methods]

    @property
    def troubles(self) -> list[str]:
        """Errors and warnings that the page caused: exceptions, messages on the console, entries of the log."""
        thrown = self._events("Runtime.exceptionThrown")
        called = [
            one for one in self._events("Runtime.consoleAPICalled") if one["type"] in ("error", "warning", "assert")
        ]
        logged = [one["entry"] for one in self._events("Log.entryAdded")]
        return [
            json.dumps(one) for one in (*thrown, *called, *(e for e in logged if e["level"] in ("error", "warning")))
        ]

    @property
    def requests(self) -> list[str]:
        """Addresses that the page asked for, itself among them."""
        return [one["request"]["url"] for one in self._events("Network.requestWillBeSent")]

    def screenshot(self, path: pathlib.Path) -> None:
        """The page from its top as a PNG, as much of it as the browser puts into one image."""
        size = self._ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], _HIGHEST), "scale": 1}
        shot = self._ask("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(shot["data"]))
