from collections.abc import Iterator

import pytest
from litestar.testing import TestClient

from kupong.discounts.book import forget_books
from kupong.organisation import service
from kupong.organisation.shapes import IssuedKey
from kupong.web.api.app import create_app
from tests.web.api.caller import Caller


@pytest.fixture
def api(transactional_db: None) -> Iterator[Caller]:
    forget_books()
    service.ensure_installation()
    made = service.create_api_key(role="administrator")
    assert isinstance(made, IssuedKey)
    with TestClient(create_app(pool_size=4, threads=4)) as client:
        yield Caller(client, str(made.key))
