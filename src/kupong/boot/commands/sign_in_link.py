"""`kupong sign-in-link`: the way in when the first link was lost or the session has ended."""

from kupong.boot import configuration
from kupong.boot.commands.output import print_json, say
from kupong.boot.database import connect_django, database
from kupong.boot.failures import ExpectedError


def run(as_json: bool) -> None:
    """Errors: ExpectedError when the database lacks migrations."""
    chosen = configuration.from_environment()
    with database(chosen) as dsn:
        connect_django(dsn)
        from kupong.boot.migration import pending
        from kupong.organisation import service, sign_in

        if pending():
            raise ExpectedError(
                "the database lacks migrations: run kupong migrate, or kupong serve"
            )
        service.ensure_installation()
        link = f"{chosen.address}/sign-in/{sign_in.create_link()}"
    if as_json:
        print_json({"sign_in": link})
    else:
        say(link)
