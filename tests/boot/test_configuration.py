"""The environment: what is taken from it, and how a wrong variable is named."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from kupong.boot.configuration import (
    Configuration,
    ensure_data_directory,
    ensure_secret,
    from_environment,
    kept_secret,
)
from kupong.boot.failures import OutsideError, UsageError
from kupong.boot.mail import MailServer
from kupong.boot.settings import mail_settings


def test_without_variables_the_database_is_embedded_in_the_home_directory() -> None:
    found = from_environment({})
    assert found.data == Path.home() / ".local" / "share" / "kupong"
    assert (found.database_url, found.host, found.port) == (None, "127.0.0.1", 8000)


def test_the_desktops_data_directory_is_used_and_ours_goes_before_it(tmp_path: Path) -> None:
    given = {"XDG_DATA_HOME": str(tmp_path)}
    assert from_environment(given).data == tmp_path / "kupong"
    assert from_environment(given | {"KUPONG_DATA": "/srv/kupong"}).data == Path("/srv/kupong")


def test_a_relative_data_directory_is_fixed_to_where_we_are() -> None:
    assert from_environment({"KUPONG_DATA": "data"}).data == Path.cwd() / "data"


def test_empty_variables_count_as_not_set() -> None:
    names = ("DATABASE_URL", "KUPONG_DATA", "KUPONG_HOST", "KUPONG_PORT", "KUPONG_SECRET")
    assert from_environment(dict.fromkeys(names, " ")) == from_environment({})


@pytest.mark.parametrize("port", ["0", "65536", "-1", "http", "80 80", "٣", "8000.0"])
def test_a_port_that_is_none_is_named(port: str) -> None:
    with pytest.raises(UsageError, match="KUPONG_PORT"):
        from_environment({"KUPONG_PORT": port})


@pytest.mark.parametrize(
    "url", ["mysql://h/db", "kupong", "postgresql://h/db?nonsense=1", "postgresql://h:x y/db"]
)
def test_an_address_of_no_postgresql_database_is_named_without_its_password(url: str) -> None:
    secret = url.replace("//", "//me:hush@")
    with pytest.raises(UsageError, match="DATABASE_URL") as raised:
        from_environment({"DATABASE_URL": secret})
    assert "hush" not in str(raised.value)


def test_a_short_secret_is_refused_and_not_shown() -> None:
    with pytest.raises(UsageError, match="KUPONG_SECRET") as raised:
        from_environment({"KUPONG_SECRET": "tiny-secret"})
    assert "tiny-secret" not in str(raised.value)


def test_a_data_directory_that_is_a_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(UsageError, match="KUPONG_DATA"):
        from_environment({"KUPONG_DATA": str(file)})


def test_a_data_directory_that_cannot_be_made_is_named() -> None:
    with pytest.raises(OutsideError, match="KUPONG_DATA"):
        ensure_data_directory(Configuration(data=Path("/proc/kupong")))


def test_the_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    configuration = Configuration(data=tmp_path / "new")
    assert kept_secret(configuration.data / "missing") is None
    secret = ensure_secret(configuration)
    assert len(secret) >= 32
    assert ensure_secret(configuration) == secret
    assert kept_secret(configuration.data) == secret
    assert stat.S_IMODE((configuration.data / "secret").stat().st_mode) == 0o600


def test_first_starts_at_the_same_time_agree_on_one_secret(tmp_path: Path) -> None:
    configuration = Configuration(data=tmp_path)
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: ensure_secret(configuration), range(8)))
    assert len(found) == 1


def test_a_given_secret_is_not_written_down(tmp_path: Path) -> None:
    assert ensure_secret(Configuration(data=tmp_path, secret="s" * 40)) == "s" * 40
    assert list(tmp_path.iterdir()) == []


def test_an_emptied_secret_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("\n")
    with pytest.raises(OutsideError, match="secret"):
        ensure_secret(Configuration(data=tmp_path))


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "http://127.0.0.1:8000"),
        ("0.0.0.0", "http://127.0.0.1:8000"),
        ("::", "http://[::1]:8000"),
        ("fe80::1", "http://[fe80::1]:8000"),
        ("kupong.example.com", "http://kupong.example.com:8000"),
    ],
)
def test_the_address_can_be_opened_in_a_browser(host: str, address: str) -> None:
    assert Configuration(data=Path("/x"), host=host).address == address


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.com", MailServer(host="mail.example.com", port=25)),
        ("smtp://127.0.0.1:8025", MailServer(host="127.0.0.1", port=8025)),
        (
            "smtps://me%40shop:p%2Fw@mail.example.com",
            MailServer(
                host="mail.example.com", port=465, user="me@shop", password="p/w", security="tls"
            ),
        ),
        ("smtp+starttls://h", MailServer(host="h", port=587, security="starttls")),
    ],
)
def test_a_mail_server_is_read_from_its_address(url: str, server: MailServer) -> None:
    found = from_environment({"KUPONG_SMTP_URL": url}).mail_server
    assert found == server
    assert mail_settings(found)["EMAIL_HOST"] == server.host
    assert server.password not in server.address or not server.password


@pytest.mark.parametrize(
    "url", ["mail.example.com", "http://h", "smtp://", "smtp://h:x", "smtp://h/path"]
)
def test_an_address_of_no_mail_server_is_named_without_its_password(url: str) -> None:
    with pytest.raises(UsageError, match="KUPONG_SMTP_URL") as raised:
        from_environment({"KUPONG_SMTP_URL": url.replace("//", "//me:hush@")})
    assert "hush" not in str(raised.value)


def test_without_a_mail_server_there_is_no_host_to_send_to() -> None:
    assert from_environment({}).mail_server is None
    assert mail_settings(None)["EMAIL_HOST"] == ""
