"""`kupong migrate`."""

from kupong.boot import configuration
from kupong.boot.commands.output import print_json, say
from kupong.boot.database import connect_django, database


def run(as_json: bool) -> None:
    with database(configuration.from_environment()) as dsn:
        connect_django(dsn)
        from kupong.boot.migration import migrate

        applied = migrate()
    if as_json:
        print_json({"applied": applied})
    else:
        say(f"{len(applied)} migrations applied." if applied else "Nothing to migrate.")
