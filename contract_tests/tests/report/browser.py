"""Chromium as a person has it before them, through ChromeDriver's WebDriver protocol (W3C)."""

import base64
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from attrs import frozen

PACKAGES = "apt-get install -y --no-install-recommends chromium chromium-driver"
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    # Without these it looks up its maker's hosts at every start.
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
)


def missing() -> str:
    """Why no browser can be driven here; empty when one can."""
    lacking = [name for name in ("chromium", "chromedriver") if shutil.which(name) is None]
    return f"{' and '.join(lacking)} not found ({PACKAGES})" if lacking else ""


@frozen
class Browser:
    """One window."""

    http: httpx.Client
    session: str

    def _call(self, command: str, **values: Any) -> Any:
        answer = self.http.post(f"/session/{self.session}/{command}", json=values)
        assert answer.is_success, answer.text
        return answer.json()["value"]

    def devtools(self, command: str, **values: Any) -> Any:
        """One command of Chromium's own protocol."""
        return self._call("goog/cdp/execute", cmd=command, params=values)

    def open(self, path: Path) -> None:
        """Open a file."""
        self._call("url", url=path.as_uri())

    def run(self, script: str, *arguments: Any) -> Any:
        """What a function body in JavaScript returns; the page's own policy does not bind it."""
        return self._call("execute/sync", script=script, args=list(arguments))

    def show(
        self, width: int, height: int, *, scheme: str = "light", media: str = "screen"
    ) -> None:
        """Show the page in a window of this size, or as it is laid out for paper this wide."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.devtools("Emulation.setEmulatedMedia", media=media, features=features)

    def click(self, selector: str) -> None:
        """Click on the first element that a CSS selector finds, where a person would."""
        found = self._call("element", using="css selector", value=selector)
        self._call(f"element/{next(iter(found.values()))}/click")

    def complaints(self) -> list[str]:
        """What the console said since it was last asked."""
        return [str(entry["message"]) for entry in self._call("se/log", type="browser")]

    def picture(self) -> bytes:
        """The window as a PNG."""
        return base64.b64decode(self.devtools("Page.captureScreenshot")["data"])

    def pdf(self, width: float = 21.0, height: float = 29.7) -> bytes:
        """The page printed on paper of this size in centimetres, its own margins kept."""
        self.devtools("Emulation.setEmulatedMedia", media="print", features=[])
        page = {"width": width, "height": height}
        return base64.b64decode(self._call("print", page=page, shrinkToFit=False))


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """A new headless Chromium whose profile and cache are in `folder`."""
    environment = {**os.environ, "HOME": str(folder), "TMPDIR": str(folder)}
    command = shutil.which("chromedriver")
    assert command is not None
    driver = subprocess.Popen(
        [command, "--port=0"], stdout=subprocess.PIPE, env=environment, text=True
    )
    try:
        with httpx.Client(base_url=_address(driver), timeout=60, trust_env=False) as http:
            arguments = [*_FLAGS, f"--user-data-dir={folder / 'profile'}"]
            if os.geteuid() == 0:
                arguments.append("--no-sandbox")  # its sandbox refuses to run as root
            wanted = {
                "browserName": "chrome",
                "goog:chromeOptions": {"args": arguments},
                "goog:loggingPrefs": {"browser": "ALL"},
            }
            answer = http.post("/session", json={"capabilities": {"alwaysMatch": wanted}})
            assert answer.is_success, answer.text
            session = answer.json()["value"]["sessionId"]
            try:
                yield Browser(http, session)
            finally:
                http.delete(f"/session/{session}")
    finally:
        driver.terminate()
        driver.communicate(timeout=30)


def _address(driver: subprocess.Popen[str]) -> str:
    """Where ChromeDriver listens, as it says itself."""
    assert driver.stdout is not None
    said = []
    for line in driver.stdout:
        said.append(line)
        if found := re.search(r"successfully on port (\d+)", line):
            return f"http://127.0.0.1:{found[1]}"
    raise AssertionError(f"ChromeDriver did not start: {''.join(said)}")
