import pytest

from kupong.discounts.book import forget_books
from tests.redemption.world import World, build


@pytest.fixture
def world(db: None) -> World:
    forget_books()
    return build()


@pytest.fixture
def shared_world(transactional_db: None) -> World:
    """Committed, so that other processes see it."""
    forget_books()
    return build()
