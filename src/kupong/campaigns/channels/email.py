"""E-mail through the SMTP server of the installation (KUPONG_SMTP_URL), one open connection for many messages."""

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import parseaddr

import msgspec
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

from kupong.campaigns.channels.channel import Handover, Parcel, Result, Trouble

_MAX_ANSWER_CHARACTERS = 300
# What a server says when it closes the connection with its answer.
_CLOSING = 421


class Email(msgspec.Struct, frozen=True):
    """The channel `email`."""

    key: str = "email"

    def missing(self) -> str | None:
        return None if settings.EMAIL_HOST else "KUPONG_SMTP_URL"

    @contextmanager
    def connection(self) -> Iterator["Letterbox"]:
        missing = self.missing()
        if missing:
            raise Trouble(missing, lasting=True)
        box = Letterbox(EmailBackend())
        box.open()
        try:
            yield box
        finally:
            box.close()


class Letterbox:
    """An open connection to the mail server."""

    def __init__(self, backend: EmailBackend) -> None:
        self._backend = backend

    def open(self) -> None:
        try:
            self._backend.open()
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
            self.close()
            raise Trouble(_said(error), lasting=_is_lasting(error)) from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise Trouble(_said(error), lasting=False) from error

    def close(self) -> None:
        with suppress(smtplib.SMTPException, OSError):
            self._backend.close()
        self._backend.connection = None

    def hand_over(self, parcel: Parcel) -> Handover:
        """Give one message to the server. A connection that was lost is opened again for the next one."""
        try:
            message = _message(parcel)
            message.message()  # builds it once: an address that is none fails here, not on the way
        except (ValueError, LookupError) as error:
            return Handover(Result.BAD_ADDRESS, _said(error))
        if self._backend.connection is None:
            self.open()
        try:
            self._backend.send_messages([message])
        except smtplib.SMTPSenderRefused as error:
            if error.smtp_code >= 500:
                raise Trouble(_said(error), lasting=True) from error
            return self._later(error)
        except smtplib.SMTPRecipientsRefused as error:
            code, answer = next(iter(error.recipients.values()))
            return self._judged(code, _text(code, answer))
        except smtplib.SMTPResponseException as error:
            return self._judged(error.smtp_code, _said(error))
        except smtplib.SMTPNotSupportedError as error:
            return Handover(Result.BAD_ADDRESS, _said(error))
        except (smtplib.SMTPException, OSError) as error:
            return self._later(error)
        except ValueError as error:
            return Handover(Result.BAD_ADDRESS, _said(error))
        return Handover(Result.SENT)

    def _judged(self, code: int, answer: str) -> Handover:
        if code == _CLOSING:
            self.close()
        return Handover(Result.REFUSED if code >= 500 else Result.LATER, answer)

    def _later(self, error: Exception) -> Handover:
        self.close()
        return Handover(Result.LATER, _said(error))


EMAIL = Email()


def _message(parcel: Parcel) -> EmailMultiAlternatives:
    domain = parseaddr(parcel.sender)[1].rpartition("@")[2]
    message = EmailMultiAlternatives(
        subject=parcel.subject,
        body=parcel.text,
        from_email=parcel.sender,
        to=[parcel.address],
        headers={"Message-ID": f"<{parcel.reference}@{domain}>"},
    )
    message.attach_alternative(parcel.html, "text/html")
    return message


def _is_lasting(error: smtplib.SMTPException) -> bool:
    return getattr(error, "smtp_code", 500) >= 500


def _said(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        return _text(error.smtp_code, error.smtp_error)
    return _clean(str(error) or type(error).__name__)


def _text(code: int, answer: bytes | str) -> str:
    words = answer.decode(errors="replace") if isinstance(answer, bytes) else answer
    return _clean(f"{code} {words}")


def _clean(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)[:_MAX_ANSWER_CHARACTERS]
