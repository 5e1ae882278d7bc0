"""What counts as a fault of a page: this guards the guard of every other browser test."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser

from tests.web.browsing import Visitors

PAGE = """<!doctype html><title>%s</title><link rel="icon" href="data:,">
<script>function ask(path) { fetch(path).catch(() => {}); }</script>
<form action="/other"><button>Save</button></form>"""


class Site(ThreadingHTTPServer):
    """`/slow` never answers while the test runs, `/broken` hangs up, `/late` answers when it is told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("localhost", 0), Answers)
        self.asked = threading.Event()
        self.gone_on = threading.Event()
        self.over = threading.Event()


class Answers(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        if self.path == "/broken":
            return
        if self.path == "/slow":
            self.server.asked.set()
            self.server.over.wait(30)
            return
        if self.path.startswith("/late"):
            self.server.gone_on.wait(30)
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write((PAGE % self.path).encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def site() -> Iterator[Site]:
    with Site() as site:
        thread = threading.Thread(target=site.serve_forever)
        thread.start()
        yield site
        site.over.set()
        site.shutdown()
        thread.join()


@pytest.fixture
def visitors(browser: Browser, site: Site) -> Iterator[Visitors]:
    found = Visitors(browser, f"http://localhost:{site.server_port}")
    yield found
    found.close()


@pytest.mark.parametrize("leave", ["submit", "go", "reload"])
def test_a_request_that_is_given_up_because_the_page_is_left_is_no_fault(
    visitors: Visitors, site: Site, leave: str
) -> None:
    visitor = visitors()
    page = visitor.go("/")
    page.evaluate("ask('/slow')")
    assert site.asked.wait(10)
    with page.expect_event("requestfailed"):
        if leave == "submit":
            page.get_by_role("button").click()
        elif leave == "go":
            visitor.go("/other")
        else:
            page.reload()
    assert visitor.complaints == []


def test_a_request_that_comes_while_the_next_page_is_on_its_way_is_no_fault_either(
    visitors: Visitors, site: Site
) -> None:
    visitor = visitors()
    page = visitor.go("/")
    page.evaluate(
        "() => { document.forms[0].action = '/late'; document.forms[0].submit();"
        " setTimeout(() => ask('/slow'), 100); }"
    )
    assert site.asked.wait(10)
    with page.expect_event("requestfailed"):
        site.gone_on.set()
    assert visitor.complaints == []


def test_a_request_that_fails_is_a_fault(visitors: Visitors) -> None:
    visitor = visitors()
    page = visitor.go("/")
    with page.expect_event("requestfailed"):
        page.evaluate("ask('/broken')")
    assert [one for one in visitor.complaints if one.startswith("failed")] == [
        f"failed: {visitor.site}/broken net::ERR_EMPTY_RESPONSE"
    ]


def test_a_request_that_a_page_gives_up_while_it_stays_is_a_fault(
    visitors: Visitors, site: Site
) -> None:
    visitor = visitors()
    page = visitor.go("/")
    with page.expect_event("requestfailed"):
        page.evaluate(
            "() => { const stop = new AbortController();"
            " fetch('/slow', {signal: stop.signal}).catch(() => {});"
            " setTimeout(() => stop.abort(), 50); }"
        )
    assert visitor.complaints == [f"failed: {visitor.site}/slow net::ERR_ABORTED"]
