"""The configuration of an installation, read from the environment once and then passed on as a value."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

import msgspec

from kupong.boot.failures import OutsideError, UsageError
from kupong.boot.mail import MailServer, read_mail_server

SECRET_MIN_CHARACTERS = 32


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """What the operator set.

    `database_url` None means the embedded PostgreSQL in `data/postgres`. `secret` None means the one that
    is kept in `data/secret`. `mail_server` None means that no delivery can go out.
    """

    data: Path
    database_url: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    secret: str | None = None
    mail_server: MailServer | None = None

    @property
    def address(self) -> str:
        """Where a browser on this machine finds the pages."""
        everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}
        host = everywhere.get(self.host, f"[{self.host}]" if ":" in self.host else self.host)
        return f"http://{host}:{self.port}"


def from_environment(environment: Mapping[str, str] = os.environ) -> Configuration:
    """Errors: UsageError, which names the variable that is wrong. Empty counts as not set."""
    given = {name: value.strip() for name, value in environment.items() if value.strip()}
    return Configuration(
        data=_data(given),
        database_url=_database_url(given),
        host=given.get("KUPONG_HOST", "127.0.0.1"),
        port=_port(given.get("KUPONG_PORT", "8000")),
        secret=_secret(given),
        mail_server=_mail_server(given),
    )


def ensure_data_directory(configuration: Configuration) -> None:
    """Errors: OutsideError when the directory cannot be made or written to."""
    try:
        configuration.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutsideError(
            f"KUPONG_DATA: cannot make the directory {configuration.data}: {error.strerror}"
        ) from error
    if not os.access(configuration.data, os.W_OK | os.X_OK):
        raise OutsideError(f"KUPONG_DATA: cannot write to {configuration.data}")


def ensure_secret(configuration: Configuration) -> str:
    """Return the secret that signs sessions; on the first call it is made and kept for its owner only."""
    if configuration.secret is not None:
        return configuration.secret
    ensure_data_directory(configuration)
    path = secret_path(configuration.data)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        try:
            _write_private(draft, secrets.token_urlsafe(48))
            # A link fails when the name exists, so that of two first starts one secret stays.
            os.link(draft, path)
        except FileExistsError:
            pass
        except OSError as error:
            raise OutsideError(f"cannot keep the secret in {path}: {error.strerror}") from error
        finally:
            draft.unlink(missing_ok=True)
    return kept_secret(configuration.data) or _no_secret(path)


def secret_path(data: Path) -> Path:
    return data / "secret"


def kept_secret(data: Path) -> str | None:
    """Return the secret kept in the data directory; None when there is none yet."""
    try:
        return secret_path(data).read_text(encoding="ascii").strip() or None
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise OutsideError(f"cannot read the secret in {secret_path(data)}: {error}") from error


def _no_secret(path: Path) -> str:
    raise OutsideError(f"the secret in {path} is empty: remove the file, or set KUPONG_SECRET")


def _write_private(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _data(given: Mapping[str, str]) -> Path:
    if "KUPONG_DATA" in given:
        chosen = Path(given["KUPONG_DATA"]).expanduser()
    elif "XDG_DATA_HOME" in given:
        chosen = Path(given["XDG_DATA_HOME"]) / "kupong"
    else:
        try:
            chosen = Path.home() / ".local" / "share" / "kupong"
        except RuntimeError as error:
            raise UsageError("KUPONG_DATA is not set and there is no home directory") from error
    if chosen.exists() and not chosen.is_dir():
        raise UsageError(f"KUPONG_DATA: {chosen} is not a directory")
    return chosen.absolute()


def _database_url(given: Mapping[str, str]) -> str | None:
    url = given.get("DATABASE_URL")
    if url is None:
        return None
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    if not url.startswith(("postgresql://", "postgres://")):
        raise UsageError("DATABASE_URL: only postgresql://… addresses are understood")
    try:
        conninfo_to_dict(url)
    except ProgrammingError as error:
        # The address may hold a password: its text stays out of the message.
        raise UsageError("DATABASE_URL: this is not a PostgreSQL address") from error
    return url


def _port(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise UsageError(f"KUPONG_PORT: {text!r} is not a port between 1 and 65535")
    return int(text)


def _secret(given: Mapping[str, str]) -> str | None:
    secret = given.get("KUPONG_SECRET")
    if secret is not None and len(secret) < SECRET_MIN_CHARACTERS:
        raise UsageError(f"KUPONG_SECRET: at least {SECRET_MIN_CHARACTERS} characters, please")
    return secret


def _mail_server(given: Mapping[str, str]) -> MailServer | None:
    url = given.get("KUPONG_SMTP_URL")
    return None if url is None else read_mail_server(url)
