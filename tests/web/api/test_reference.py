"""The document and the pages that are drawn from it."""

import re

from kupong.web.api.app import operations
from tests.web.api.caller import Caller


def test_the_document_describes_every_operation(api: Caller) -> None:
    document = api.client.get("/api/openapi.json").json()
    described = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }
    assert described == {(one.method, one.path) for one in operations()}
    names = [one.name for one in operations()]
    assert len(names) == len(set(names))


def test_every_reference_of_the_document_leads_somewhere(api: Caller) -> None:
    text = api.client.get("/api/openapi.json").text
    document = api.client.get("/api/openapi.json").json()
    wanted = set(re.findall(r'"\$ref":"#/components/schemas/([^"]+)"', text))
    assert wanted
    assert wanted <= set(document["components"]["schemas"])


def test_the_pages_need_no_script_and_no_other_host(api: Caller) -> None:
    answer = api.client.get("/api/docs")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"""(src|href)=["']?(https?:)?//""", answer.text)
    assert not re.search(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", answer.text)


def test_the_pages_show_every_operation_and_lead_to_its_shapes(api: Caller) -> None:
    page = api.client.get("/api/docs").text
    for operation in operations():
        assert f"{operation.method} {operation.path}" in page
    targets = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= targets
