"""What `kupong demo` does before it serves: load the data, replay its year, reconcile."""

from pathlib import Path

from kupong.demo.load import load
from kupong.demo.progress import Display
from kupong.demo.replay import replay
from kupong.demo.source import Source
from kupong.organisation.models import Company


def load_and_replay(data_directory: Path) -> str:
    """Load into the first company and replay 2017; give the reconciliation in one line.

    What an earlier start has finished is not done again, also when it was killed. `data_directory` is the
    installation's; nothing is kept there beside the database. Errors: ReplayError.
    """
    display, source = Display(), Source()
    company = Company.objects.earliest("id")
    display.say("The Complete Journey: a year of a real grocery chain, its coupons and its baskets")
    load(company.pk, source, display)
    return replay(company.pk, source, display)
