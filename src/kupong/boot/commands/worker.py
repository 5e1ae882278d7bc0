"""`kupong worker`."""

from kupong.boot import configuration, logs
from kupong.boot.database import connect_django, database


def run() -> None:
    """Errors: OutsideError when there is no database."""
    logs.configure()
    with database(configuration.from_environment()) as dsn:
        connect_django(dsn)
        from kupong.jobs import worker

        worker.run()
