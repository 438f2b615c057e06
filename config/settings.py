"""Settings of Lockstep, all from the environment. `README.md` lists every variable."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import environ

from config import api, console
from config.database import cache, database
from config.services import redis_url

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")
VAR_DIR = Path(env("VAR_DIR", default="") or BASE_DIR / "var")

# `help`, `version` and the type checker touch no data, so they start no embedded server.
OFFLINE = sys.argv[1:2] in (["help"], ["--help"], ["version"], ["--version"]) or "mypy" in sys.argv[0]
# A run from the command line needs neither console nor API nor schedules. Measured: Django with our apps
# starts in 0.30 s, with DRF 0.08 s, unfold 0.10 s and django-celery-beat (it imports Celery) 0.17 s more.
LEAN = Path(sys.argv[0]).name == "manage.py" and sys.argv[1:2] == ["sync"]

# --- Who we are -------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)
SECRET_KEY = env("SECRET_KEY", default="demo-only-not-secret-change-me-in-production-0123456789")
ENCRYPTION_KEYS = env.list("ENCRYPTION_KEY", default=["demo-only-encryption-key"])
FERNET_KEYS = ENCRYPTION_KEYS
FERNET_USE_HKDF = True
CRON_SECRET = env("CRON_SECRET", default="demo-only-cron-secret")
METRICS_TOKEN = env("METRICS_TOKEN", default="")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost"])
WEBHOOK_BASE_URL = env("WEBHOOK_BASE_URL", default="http://127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
HTTPS = WEBHOOK_BASE_URL.startswith("https://")
BEHIND_PROXY = env.bool("BEHIND_PROXY", default=False)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
# Without the proxy's word every call looks like plain HTTP, and redirecting it would never end.
SECURE_SSL_REDIRECT = HTTPS and BEHIND_PROXY
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", default=30 * 24 * 3600) if HTTPS else 0
# HSTS is promised for this host alone: its subdomains and the browsers' lists are not ours to promise for.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

# --- What it is made of -----------------------------------------------------------------------------

SURFACES = [
    "console",  # before unfold and the admin: its templates extend theirs
    "unfold",
    "django.contrib.admin",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_celery_beat",
]
FLOORS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "connectors",
    "records",
    "jobs_boards",
    "integrations",
    "conflicts",
    "sync_engine",
    "automations",
    "config",
]
INSTALLED_APPS = FLOORS if LEAN else [*SURFACES, *FLOORS]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "sync_engine.webhooks.door.WebhookDoor",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "console.middleware.ViewerTimeZone",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "records.asking.KnowsTheRequest",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
LANGUAGE_CODE = env("LANGUAGE_CODE", default="en")
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
WHITENOISE_USE_FINDERS = True  # the web server serves the console's files without a collectstatic step
UNFOLD = console.UNFOLD
LOGIN_URL = "/dashboard/admin/login/"
LOGIN_REDIRECT_URL = "/dashboard/admin/"
AUTHENTICATION_BACKENDS = ["records.password_backend.PatientBackend"]
LOGIN_FAILURES = env.int("LOGIN_FAILURES", default=10)
LOGIN_WINDOW = env.int("LOGIN_WINDOW", default=900)

# --- Where it keeps things --------------------------------------------------------------------------

DATABASES = {"default": database(env, offline=OFFLINE)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env("REDIS_URL", default="") or ("" if OFFLINE else redis_url())
CACHES = {"default": cache(REDIS_URL)}
QUEUE_PREFIX = env("QUEUE_PREFIX", default="")
# Celery reads its settings when it is first used, so that a command that queues nothing does not import it.
os.environ.setdefault("CELERY_CONFIG_MODULE", "config.celery_settings")
CELERY_TASK_ALWAYS_EAGER = False
PUSH_IN_REAL_TIME = env.bool("PUSH_IN_REAL_TIME", default=True)
CRON_SECONDS = env.float("CRON_SECONDS", default=20.0)
LOG_RETENTION_DAYS = env.int("LOG_RETENTION_DAYS", default=90)
LOG_CLEANUP_BATCH = env.int("LOG_CLEANUP_BATCH", default=5_000)
WEBHOOK_MAX_BODY = env.int("WEBHOOK_MAX_BODY", default=1024 * 1024)
SYNC_TASK_PAGES = env.int("SYNC_TASK_PAGES", default=200)
SYNC_TASK_MINUTES = env.float("SYNC_TASK_MINUTES", default=0.5)
RULE_CHAIN_LIMIT = env.int("RULE_CHAIN_LIMIT", default=5)
RULE_DISABLE_AFTER = env.int("RULE_DISABLE_AFTER", default=10)
DATA_UPLOAD_MAX_MEMORY_SIZE = max(2_621_440, WEBHOOK_MAX_BODY)

# --- Whom it talks to -------------------------------------------------------------------------------

ALLOW_PRIVATE_HOSTS = env.bool("ALLOW_PRIVATE_HOSTS", default=DEMO)
# Our applications at providers, for integrations that bring no client ID of their own.
OAUTH_CLIENTS = env.json("OAUTH_CLIENTS", default={})
SPECS_DIR = Path(env("SPECS_DIR", default="") or BASE_DIR.parent / "shared" / "specs")
SLACK_WEBHOOK_URL = env("SLACK_WEBHOOK_URL", default="")
vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 15  # Django waits for ever
DEFAULT_FROM_EMAIL = env("EMAIL_FROM", default="lockstep@localhost")

api.RATES.update(anon=env("API_RATE_ANONYMOUS", default="60/min"), user=env("API_RATE_USER", default="1200/min"))
REST_FRAMEWORK = api.REST_FRAMEWORK
SPECTACULAR_SETTINGS = api.SPECTACULAR

DEFAULT_EXCEPTION_REPORTER_FILTER = "config.reports.NoVariables"

# --- What it says -----------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "{asctime} {levelname:<7} {name}:{where} {message}", "style": "{"},
        "json": {"()": "config.logs.JsonFormatter"},
    },
    "filters": {"context": {"()": "config.logs.ContextFilter"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": env("LOG_FORMAT", default="text"),
            "filters": ["context"],
        },
    },
    # Its debug lines hold whole addresses, and some providers take the key of their API there.
    "loggers": {"urllib3": {"level": "INFO"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="WARNING" if LEAN else "INFO")},
}
