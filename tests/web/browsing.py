"""Pages opened in a real browser that may break no rule: no violation, no error, nothing from outside."""

from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, Request

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 360, "height": 800}
# What the browser says of a request that it gave up itself.
ABORTED = "net::ERR_ABORTED"
REPORT = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) => {
  window.violations.push(`${event.effectiveDirective}: ${event.blockedURI} ${event.sample}`);
});
"""


class Visitor:
    """Somebody with a browser of a language, a theme and a size, and what went wrong in it."""

    def __init__(self, context: BrowserContext, site: str) -> None:
        self.context = context
        self.site = site
        self.complaints: list[str] = []
        self._open: set[Request] = set()
        self._left: set[Request] = set()
        context.add_init_script(REPORT)
        context.on("request", self._requested)
        context.on("requestfinished", self._finished)
        context.on("requestfailed", self._failed)
        context.on("console", lambda message: self._said(message.type, message.text))
        context.on("weberror", lambda error: self._complain("error", str(error.error)))
        self.page: Page = context.new_page()

    def go(self, path: str) -> Page:
        self.page.goto(self.site + path, wait_until="networkidle")
        return self.page

    def violations(self) -> list[str]:
        found: list[str] = self.page.evaluate("window.violations")
        return found

    def _requested(self, request: Request) -> None:
        if request.is_navigation_request():
            self._left |= self._open
        elif any(one.is_navigation_request() for one in self._open):
            self._left.add(request)
        self._open.add(request)
        if not request.url.startswith(("data:", self.site + "/")):
            self._complain("outside", request.url)

    def _finished(self, request: Request) -> None:
        self._open.discard(request)

    def _failed(self, request: Request) -> None:
        """What a page asks for before the next one comes ends with it: no fault that the browser gives it up."""
        self._open.discard(request)
        if request.failure != ABORTED or request not in self._left:
            self._complain("failed", f"{request.url} {request.failure}")

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self._complain("console", text)

    def _complain(self, kind: str, what: str) -> None:
        self.complaints.append(f"{kind}: {what}")


class Visitors:
    """Opens browsers at the site, and looks at the end whether any of them had something to complain of."""

    def __init__(self, browser: Browser, site: str) -> None:
        self.browser = browser
        self.site = site
        self.all: list[Visitor] = []

    def __call__(self, *, session: str | None = None, **options: Any) -> Visitor:
        options = {"locale": "en-US", "viewport": DESKTOP} | options
        visitor = Visitor(self.browser.new_context(**options), self.site)
        if session is not None:
            host = urlsplit(self.site).hostname or ""
            cookie = {"name": "kupong_session", "value": session, "domain": host, "path": "/"}
            visitor.context.add_cookies([cookie])  # type: ignore[list-item]
        self.all.append(visitor)
        return visitor

    def close(self) -> None:
        for visitor in self.all:
            visitor.context.close()
