from collections.abc import Iterator

import pytest

from tests.campaigns.mailing import Mailing, PostOffice, build, post_office
from tests.redemption.world import build as build_world


@pytest.fixture
def mailing(db: None) -> Mailing:
    return build(build_world())


@pytest.fixture
def shared_mailing(transactional_db: None) -> Mailing:
    """Committed, so that other processes see it."""
    return build(build_world())


@pytest.fixture
def office() -> Iterator[PostOffice]:
    with post_office() as found:
        yield found
