"""Django settings, made from the workspace. Nothing here is edited by hand: see `enishi.toml`."""

from __future__ import annotations

import hashlib
import secrets

from enishi.book.database import database, sqlite
from enishi.book.workspace import Workspace, current_workspace
from enishi.kernel.errors import EnishiError


def _workspace() -> Workspace | None:
    """None for tools that look at the models alone: type checks, making migrations."""
    try:
        return current_workspace()
    except EnishiError:
        return None


_found = _workspace()
_security = _found.security if _found else None
_https = bool(_security and _security.https)

ENISHI_ROOT = str(_found.root) if _found else ""
SECRET_KEY = (
    hashlib.sha256(b"django:" + _found.secret()).hexdigest() if _found else secrets.token_hex(32)
)
DEBUG = False
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
if _found and _security:
    ALLOWED_HOSTS += [_found.host, *_security.allowed_hosts]
CSRF_TRUSTED_ORIGINS = [
    f"https://{host}" for host in (_security.allowed_hosts if _security else ()) if host != "*"
]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "enishi.book",
    "enishi.sources",
    "enishi.segments",
    "enishi.gate",
    "enishi.lists",
    "enishi.messages",
    "enishi.journeys",
    "enishi.live",
    "enishi.privacy",
]
MIDDLEWARE = [
    "enishi.web.middleware.RequestIdMiddleware",
    "enishi.web.middleware.HeadersMiddleware",
    "enishi.web.middleware.HostMiddleware",
    "enishi.web.middleware.ErrorShapeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "enishi.web.middleware.SessionTouchMiddleware",
]
# The routes of django-ninja are exempt from the CSRF middleware, which only sets the cookie for
# them: `enishi.book.http.Permission` checks the token where each endpoint is let in.
ROOT_URLCONF = "enishi.web.urls"

DATABASES = {
    "default": database(_found.database_url, _found.book_path) if _found else sqlite(":memory:")
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "book.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["enishi.book.passwords.Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ("email", "name", "name_kana")}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
     "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]  # fmt: skip
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
MFA_ADAPTER = "enishi.book.totp.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Enishi"

SESSION_ENGINE = "enishi.book.sessions"
SESSION_COOKIE_NAME = "__Host-enishi" if _https else "enishi_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _https
SESSION_COOKIE_AGE = (_security.absolute_hours if _security else 12) * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = False
CSRF_COOKIE_SECURE = _https
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = False  # the interface reads it and sends it back as X-CSRFToken
if _https:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
APPEND_SLASH = False

LANGUAGE_CODE = "ja"
LANGUAGES = [("ja", "日本語"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": ["django.template.context_processors.request"],
        },
    }
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # Django's own lines carry URLs with their query, hence search words; `web.middleware` writes
    # the access log instead.
    "loggers": {"django.request": {"level": "CRITICAL"}, "django.security": {"level": "ERROR"}},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
