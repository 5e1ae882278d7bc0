"""What `kupong demo` does before it serves: load the data, send a campaign, replay the year, reconcile."""

from pathlib import Path

from django.db import connection

from kupong.demo.baskets import EVERY
from kupong.demo.load import load
from kupong.demo.mailing import send_campaign
from kupong.demo.progress import Display
from kupong.demo.replay import replay
from kupong.demo.source import Source
from kupong.organisation.models import Company


def load_and_replay(data_directory: Path, every: int = EVERY) -> str:
    """Load into the first company, mail one campaign and replay 2017; give the reconciliation in one line.

    Every basket of a day with a redemption is replayed, and one in `every` of the others. What an earlier
    start has finished is not done again, also when it was killed. The mails are kept in `mail` below
    `data_directory`, the installation's. Errors: MailingError, ReplayError.
    """
    display, source = Display(), Source()
    display.say("The Complete Journey: a year of a real grocery chain, its coupons and its baskets")
    try:
        company = Company.objects.earliest("id")
        load(company.pk, source, display)
        send_campaign(company.pk, source, data_directory, display)
        return replay(company.pk, source, display, every)
    finally:
        connection.close()
