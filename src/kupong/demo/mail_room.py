"""A mail server on loopback that delivers nothing: it keeps every mail as a file."""

import os
import re
import socket
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from django.conf import settings

ADDRESS = "127.0.0.1"


def open_mail_room(folder: Path) -> None:
    """Start the server, and make it the one that this process and its children send by.

    It lives as long as the process. What an operator chose by KUPONG_SMTP_URL is not used: the addresses of the
    demonstration are made up, and no mail of it may leave the machine.
    """
    room = _Room(folder)
    room.start()
    os.environ["KUPONG_SMTP_URL"] = f"smtp://{ADDRESS}:{room.port}"
    settings.EMAIL_HOST, settings.EMAIL_PORT = ADDRESS, room.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False


class _Keeper(Message):
    """A mail that comes twice has the same identity, and is one file."""

    def __init__(self, folder: Path) -> None:
        super().__init__(EmailMessage)
        self.folder = folder

    def prepare_message(self, session: Any, envelope: Any) -> Any:
        self.content = envelope.content
        return super().prepare_message(session, envelope)

    def handle_message(self, message: Any) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        identity = re.sub(r"[^A-Za-z0-9.-]", "", str(message["Message-ID"]).partition("@")[0])
        to = re.sub(r"[^A-Za-z0-9.-]", "", str(message["To"]).partition("@")[0])
        draft = self.folder / f".{identity}"
        draft.write_bytes(self.content)
        draft.rename(self.folder / f"{to}.{identity}.eml")


class _Room(Controller):
    """On a port that the system chooses, and that nobody else can take in between."""

    def __init__(self, folder: Path) -> None:
        self.socket = socket.create_server((ADDRESS, 0))
        super().__init__(_Keeper(folder), hostname=ADDRESS, port=self.socket.getsockname()[1])

    def _create_server(self) -> Any:
        return self.loop.create_server(self._factory_invoker, sock=self.socket)
