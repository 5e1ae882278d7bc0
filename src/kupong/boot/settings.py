"""Django's settings. Everything an operator may choose comes from the environment (`configuration`)."""

import os
import secrets
from pathlib import Path
from typing import Any

import bootstrap_wrapper
from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _
from psycopg.conninfo import conninfo_to_dict

from kupong.boot import configuration, postgres
from kupong.boot.mail import MailServer

PACKAGE = Path(__file__).resolve().parent.parent
# Requests of all threads and the API's own: as many as the web process has threads for.
POOL_MAX_CONNECTIONS = 20


def database_settings(dsn: str) -> dict[str, Any]:
    """Django's form of a PostgreSQL address, for sockets and for TCP; what it has no name for is an option."""
    parts = conninfo_to_dict(dsn)
    named = {
        "NAME": "dbname",
        "USER": "user",
        "PASSWORD": "password",
        "HOST": "host",
        "PORT": "port",
    }
    found: dict[str, Any] = {key: str(parts.pop(part, None) or "") for key, part in named.items()}
    options = dict(parts) | {
        "pool": {"min_size": 1, "max_size": POOL_MAX_CONNECTIONS, "timeout": 10}
    }
    return found | {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 0,
        # A restarted server leaves dead connections in the pool: they are found before a request gets one.
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


_chosen = configuration.from_environment()
# `boot` names the address of the server it started. Without it: the one given, else where ours would listen.
_dsn = os.environ.get("KUPONG_DSN") or _chosen.database_url or postgres.address(_chosen.data)

# The commands that serve pages keep a secret first; any other process signs nothing that outlives it.
SECRET_KEY = _chosen.secret or configuration.kept_secret(_chosen.data) or secrets.token_urlsafe(48)
DEBUG = False
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": database_settings(_dsn)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "procrastinate.contrib.django",
    "kupong.organisation",
    "kupong.work",
    "kupong.catalog",
    "kupong.customers",
    "kupong.discounts",
    "kupong.coupons",
    "kupong.redemption",
    "kupong.campaigns",
    "kupong.web.look",
    "kupong.web.backoffice",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "kupong.boot.urls"
APPEND_SLASH = False
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("sv", _("Swedish"))]
LOCALE_PATHS = [PACKAGE / "web" / "locale"]

STATIC_URL = "/static/"
# Files are served from where the packages keep them: nothing has to be collected first.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
STATICFILES_DIRS = [("bootstrap", str(bootstrap_wrapper.get_bootstrap_dir()))]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "kupong_session"


def mail_settings(server: MailServer | None) -> dict[str, Any]:
    """Django's form of a mail server; without one the host is empty, and no delivery can be confirmed."""
    chosen = server or MailServer(host="", port=25)
    return {
        "EMAIL_HOST": chosen.host,
        "EMAIL_PORT": chosen.port,
        "EMAIL_HOST_USER": chosen.user,
        "EMAIL_HOST_PASSWORD": chosen.password,
        "EMAIL_USE_TLS": chosen.security == "starttls",
        "EMAIL_USE_SSL": chosen.security == "tls",
    }


globals().update(mail_settings(_chosen.mail_server))
EMAIL_TIMEOUT = 30
EMAIL_USE_LOCALTIME = False

LOGGING_CONFIG = None

# Tasks are named in one module of ours; nothing is looked for.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""
PROCRASTINATE_IMPORT_PATHS = ["kupong.jobs.tasks"]
