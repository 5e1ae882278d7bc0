"""`kupong api-key create`."""

from typing import TYPE_CHECKING, TypeGuard, get_args

from kupong.boot import configuration
from kupong.boot.commands.output import print_json, say
from kupong.boot.database import connect_django, database
from kupong.boot.failures import ExpectedError, UsageError
from kupong.kernel.reasons import Refused

if TYPE_CHECKING:
    from kupong.organisation.shapes import Role


def run(role: str, channel: str | None, name: str, as_json: bool) -> None:
    """Errors: UsageError for a role that there is not; ExpectedError when the key is refused."""
    with database(configuration.from_environment()) as dsn:
        connect_django(dsn)
        from kupong.boot.migration import pending
        from kupong.organisation import service

        if pending():
            raise ExpectedError(
                "the database lacks migrations: run kupong migrate, or kupong serve"
            )
        made = service.create_api_key(_role(role), channel, name)
    if isinstance(made, Refused):
        raise ExpectedError(f"--role, --channel: {made.reason} ({_words(made)})")
    if as_json:
        print_json({"key": made.key, "id": made.id})
    else:
        say(str(made.key))


def _role(text: str) -> "Role":
    from kupong.organisation.shapes import Role

    def is_role(text: str) -> TypeGuard[Role]:
        return text in get_args(Role)

    if not is_role(text):
        raise UsageError(f"--role: one of {', '.join(get_args(Role))}, not {text!r}")
    return text


def _words(refused: Refused) -> str:
    return ", ".join(f"{name} {value}" for name, value in refused.detail.items())
