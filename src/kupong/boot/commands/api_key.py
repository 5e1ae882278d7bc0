"""`kupong api-key create`."""

from kupong.boot import configuration
from kupong.boot.commands.output import print_json, say
from kupong.boot.database import connect_django, database
from kupong.boot.failures import ExpectedError, UsageError
from kupong.kernel.reasons import Refused


def run(role: str, channel: str | None, name: str, as_json: bool) -> None:
    """Errors: UsageError for a role that there is not; ExpectedError when the key is refused."""
    with database(configuration.from_environment()) as dsn:
        connect_django(dsn)
        from kupong.boot.migration import pending
        from kupong.organisation import service
        from kupong.organisation.models import ApiKey

        if role not in ApiKey.Role.values:
            raise UsageError(f"--role: one of {', '.join(ApiKey.Role.values)}, not {role!r}")
        if pending():
            raise ExpectedError(
                "the database lacks migrations: run kupong migrate, or kupong serve"
            )
        service.ensure_installation()
        made = service.create_api_key(role=role, channel=channel, name=name)
        if isinstance(made, Refused):
            raise ExpectedError(f"refused: {made.reason} {made.detail or ''}".rstrip())
    if as_json:
        print_json({"key": made.key, "id": made.id})
    else:
        say(made.key)
