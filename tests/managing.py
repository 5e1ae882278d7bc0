"""A company to manage, for the tests of the rooms with records."""

from typing import Any

import msgspec
import pytest

from kupong.kernel.reasons import Reason
from kupong.organisation import service
from kupong.organisation.records import Records, Replaced
from kupong.organisation.refusals import Refusals


class Managed:
    """Speaks to the use cases in plain words: fields in, record or problems out."""

    def __init__(self, company_id: int) -> None:
        self.id = company_id

    def create(self, records: Records[Any, Any], **fields: Any) -> Any:
        return records.create(self.id, msgspec.convert(fields, records.draft))

    def replace(self, records: Records[Any, Any], number: str, /, **fields: Any) -> Any:
        done = records.replace(self.id, number, msgspec.convert(fields, records.draft))
        return done.record if isinstance(done, Replaced) else done

    def change(self, records: Records[Any, Any], number: str, /, **fields: Any) -> Any:
        return records.change(self.id, number, msgspec.convert(fields, records.patch))


def problems(answer: Any) -> dict[str, Reason]:
    """The reasons by field; fails when the call was not refused."""
    assert isinstance(answer, Refusals), answer
    return {one.field: one.refused.reason for one in answer.problems}


@pytest.fixture
def company(db: None) -> Managed:
    return Managed(service.ensure_installation())


@pytest.fixture
def shared_company(transactional_db: None) -> Managed:
    """Committed, so that other threads and connections see it."""
    return Managed(service.ensure_installation())
