"""Settings, read from the environment: the same names for a laptop, a container and the tests."""

import json
import os
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import unquote, urlsplit

from celery.schedules import crontab
from csp.constants import SELF, UNSAFE_INLINE

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(os.environ.get("VAR", BASE_DIR / "var"))


def listed(name: str) -> list[str]:
    return [part.strip() for part in os.environ.get(name, "").split(",") if part.strip()]


def database(url: str) -> dict[str, object]:
    """postgresql://user:password@host:port/name; a socket folder goes into ?host=."""
    parts = urlsplit(url)
    query = dict(pair.split("=", 1) for pair in parts.query.split("&") if pair)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path[1:]),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(query.get("host", "")) or parts.hostname or "",
        "PORT": parts.port or query.get("port", ""),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"connect_timeout": 5, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3},
    }


def valkey(number: int, *, broker: bool = False) -> str:
    """The address of one of Valkey's databases; Celery spells a Unix socket in its own way."""
    base = VALKEY_URL.rstrip("/")
    if base.startswith("unix://"):
        return f"redis+socket{base[4:]}?virtual_host={number}" if broker else f"{base}?db={number}"
    return f"{base}/{number}"


DEBUG = os.environ.get("DEBUG") == "1"
SECRET_KEY = os.environ.get("SECRET_KEY", "")
PUBLIC_URL = os.environ.get("PUBLIC_URL", "http://localhost:8000").rstrip("/")
SECURE = PUBLIC_URL.startswith("https://")
ALLOWED_HOSTS = [*listed("ALLOWED_HOSTS"), urlsplit(PUBLIC_URL).hostname or "localhost"]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL, *listed("TRUSTED_ORIGINS")]
DATABASES = {"default": database(os.environ.get("DATABASE_URL", "postgresql://postgres@localhost/postgres"))}
VALKEY_URL = os.environ.get("VALKEY_URL", "redis://localhost:6379")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "csp",
    "django_htmx",
    "django_vite",
    "projects",
    "annotator",
    "detectors",
]

MIDDLEWARE = [
    "projects.connections.given_back",
    "django.middleware.security.SecurityMiddleware",
    "config.static_files.StaticFiles",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "projects.visits.visits",
    "projects.views.not_allowed",
]

ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"

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
                "csp.context_processors.nonce",
                "projects.accounts.ways_in",
            ],
        },
    },
]

# People
AUTH_USER_MODEL = "projects.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "projects.accounts.SignUp"
ACCOUNT_USER_DISPLAY = str
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of what thieves of accounts do
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_CONFIRMATION_AUTHENTICATED_REDIRECT_URL = "/accounts/profile/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_ADAPTER = "projects.accounts.AccountAdapter"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_RATE_LIMITS = {"join": "120/m/ip", "ask": "20/h/ip,40/d/ip", "invite": "30/h/user"}
SIGN_UP = os.environ.get("SIGN_UP") or "open"  # or "closed"
MFA_ADAPTER = "projects.accounts.CodesAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Annotator"
MFA_ALLOW_UNVERIFIED_EMAIL = True  # many servers send no e-mail
OIDC_SERVER = os.environ.get("OIDC_SERVER", "").rstrip("/")
OIDC_ORIGINS = listed("OIDC_ORIGINS") or (["/".join(OIDC_SERVER.split("/")[:3])] if OIDC_SERVER else [])
SOCIALACCOUNT_ADAPTER = "projects.accounts.OtherAccountAdapter"
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "oidc",
                "name": os.environ.get("OIDC_NAME") or urlsplit(OIDC_SERVER).hostname,
                "client_id": os.environ.get("OIDC_CLIENT_ID", ""),
                "secret": os.environ.get("OIDC_SECRET", ""),
                "settings": {"server_url": OIDC_SERVER},
            }
        ]
        if OIDC_SERVER
        else [],
    }
}
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("TRUSTED_PROXIES") or 0)
CSRF_FAILURE_VIEW = "projects.views.csrf_failure"
EMAIL_HOST = os.environ.get("EMAIL_HOST", "")
EMAIL_BACKEND = os.environ.get("EMAIL_BACKEND") or (
    f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
)
EMAIL_PORT = int(os.environ.get("EMAIL_PORT") or 587)
EMAIL_USE_TLS = EMAIL_PORT == 587
EMAIL_USE_SSL = EMAIL_PORT == 465
EMAIL_HOST_USER = os.environ.get("EMAIL_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_PASSWORD", "")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("EMAIL_FROM") or f"Annotator <annotator@{urlsplit(PUBLIC_URL).hostname}>"

# Services
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": valkey(1)}}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        "CONFIG": {"hosts": [valkey(0)]},
    }
}
CELERY_BROKER_URL = valkey(0, broker=True)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BEAT_SCHEDULE = {  # the others in the night, or once beat runs again; images of what was purged come after it
    "see-to-labels": {"task": "annotator.tasks.see_to_labels", "schedule": 20, "options": {"expires": 20}},
    "tend-runs": {"task": "detectors.tasks.tend_runs", "schedule": 5, "options": {"expires": 5}},
    "resume-imports": {"task": "annotator.tasks.resume_imports", "schedule": 60, "options": {"expires": 60}},
    "forget-expired": {"task": "projects.tasks.forget_expired", "schedule": crontab(hour=3, minute=0)},
    "purge-expired": {"task": "annotator.tasks.purge_expired", "schedule": crontab(hour=3, minute=10)},
    "tidy-runs": {"task": "detectors.tasks.tidy", "schedule": crontab(hour=3, minute=20)},
    "collect-weights": {"task": "detectors.tasks.collect_weights", "schedule": crontab(hour=3, minute=30)},
    "collect-media": {"task": "projects.tasks.collect_media", "schedule": crontab(hour=3, minute=40)},
}

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "projects.tokens.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "projects.errors.render",
    "URL_FORMAT_OVERRIDE": None,  # `?format=` names what an export is written as
}
REST_KNOX = {"TOKEN_TTL": timedelta(days=90), "TOKEN_LIMIT_PER_USER": 50}
SPECTACULAR_SETTINGS = {
    "TITLE": "Annotator API",
    "DESCRIPTION": (
        "Programs send a token with every request: `Authorization: Token <token>`. `POST /api/tokens/` makes one, for"
        " the `username` and `password` it is sent, or for who is signed in here and has just confirmed the password."
        " It is shown only then, and ends after 90 days or by `DELETE /api/tokens/`. An account that asks for codes"
        " makes its tokens on its page."
    ),
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",  # of which msgspec's JSON Schema is a part
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "annotator.api.describe_structs",
        "annotator.api.summarize",
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "ENUM_NAME_OVERRIDES": {"ItemKind": "projects.models.ItemKind", "AttributeKind": "projects.labels.KINDS"},
}

# Label Studio back ends
PRIVATE_BACKENDS = [
    ip_network(network, strict=False)
    for name in listed("ALLOW_PRIVATE_BACKENDS")
    for network in (["0.0.0.0/0", "::/0"] if name == "all" else [name])
]
BACKEND_SECONDS = float(os.environ.get("BACKEND_SECONDS") or 60)

# Files
MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT") or VAR / "media")
STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static" / "dist"]
STORAGES = {
    "default": {
        "BACKEND": os.environ.get("MEDIA_STORAGE") or "django.core.files.storage.FileSystemStorage",
        "OPTIONS": json.loads(os.environ.get("MEDIA_OPTIONS") or "{}"),
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/assets/"  # Vite puts a hash into these names
DJANGO_VITE = {"default": {"manifest_path": BASE_DIR / "static" / "dist" / "manifest.json"}}
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 2**20
MODELS_LARGEST = int(float(os.environ.get("MODELS_LARGEST") or 500) * 2**20)  # bytes of a model; given in MB

# Children in which detectors work
DETECTORS_MEMORY = int(float(os.environ.get("DETECTORS_MEMORY") or 4) * 2**30)
DETECTORS_SECONDS = float(os.environ.get("DETECTORS_SECONDS") or 60)  # for a node and some items
DETECTORS_ENVIRONMENT = listed("DETECTORS_ENVIRONMENT")  # names of what else they are told of ours

# Security
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "style-src": [SELF, UNSAFE_INLINE],
        "img-src": [SELF, "blob:", "data:", *listed("MEDIA_ORIGINS")],
        "frame-ancestors": ["'none'"],
        "form-action": [SELF, *OIDC_ORIGINS],
        "base-uri": [SELF],
        "object-src": ["'none'"],
    }
}
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SECURE_SSL_REDIRECT = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_HSTS_SECONDS = 31_536_000 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin" if SECURE else None  # browsers heed it over https alone
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]  # those that all pages are written in
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# What goes wrong is told on stderr; Django alone would tell it to nobody when DEBUG is off.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": [], "level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}
