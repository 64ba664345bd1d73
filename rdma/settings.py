"""All settings, read from the environment (.env.example lists the names).

With no environment at all, everything runs on one machine for one person: SQLite, the
filesystem as message broker, and keys that are drawn once into the data folder.
"""

from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from rdma.directory_settings import directory
from rdma.environment import drawn_once, env, env_bool, env_int, env_list, env_log_server

BASE_DIR = Path(__file__).resolve().parent.parent
RDMA_DATA_DIR = Path(env("RDMA_DATA_DIR", str(BASE_DIR / "data"))).expanduser().resolve()
RDMA_DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)

DEBUG = env_bool("RDMA_DEBUG", default=False)
ALLOWED_HOSTS = env_list("RDMA_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = env_list("RDMA_TRUSTED_ORIGINS", "")

DATABASE_URL = env("DATABASE_URL", f"sqlite:///{RDMA_DATA_DIR / 'rdma.sqlite3'}")
DATABASES = {"default": dj_database_url.parse(DATABASE_URL, conn_max_age=60)}
IS_EMBEDDED = DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3"
if IS_EMBEDDED:
    DATABASES["default"]["ENGINE"] = "projects.sqlite"
    DATABASES["default"]["CONN_MAX_AGE"] = 0
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 30,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
IS_ALONE = env_bool("RDMA_DRAW_KEYS", default=IS_EMBEDDED)  # one person on one machine
if IS_ALONE:
    SECRET_KEY = drawn_once("SECRET_KEY", RDMA_DATA_DIR)
    RDMA_MASTER_KEY = drawn_once("RDMA_MASTER_KEY", RDMA_DATA_DIR)
else:
    SECRET_KEY = env("SECRET_KEY")
    RDMA_MASTER_KEY = env("RDMA_MASTER_KEY")
if DEBUG and not IS_EMBEDDED:
    raise ImproperlyConfigured("RDMA_DEBUG shows the insides of errors: not with a server's data.")
RDMA_MASTER_KEY_PREVIOUS = env("RDMA_MASTER_KEY_PREVIOUS", "")  # until `keys rotate` is done
for _key in filter(None, (RDMA_MASTER_KEY, RDMA_MASTER_KEY_PREVIOUS)):
    if len(_key) < 32:
        raise ImproperlyConfigured("RDMA_MASTER_KEY must have at least 32 characters.")

INSTALLED_APPS = [
    "projects",
    "intake",
    "transfers",
    "review",
    "exports",
    "rdma",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "template_partials",
    "axes",
    "csp",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "rdma.headers.Closed",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "rdma.origins.Origins",
    "rdma.caching.NeverKept",
    "csp.middleware.CSPMiddleware",
    "rdma.answers.InTheirWords",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "rdma.bodies.Bounded",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "projects.tokens.leaks.NoTokenInAddress",
    "rdma.idleness.Idle",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "projects.tokens.once.Kept",
]
ROOT_URLCONF = "rdma.urls"
WSGI_APPLICATION = "rdma.wsgi.application"
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
                "rdma.frame.frame",
            ],
        },
    }
]

# ── people ────────────────────────────────────────────────────────────────────────────────
AUTH_USER_MODEL = "projects.User"
DIRECTORY = directory()  # None: there are local accounts only
AUTHENTICATION_BACKENDS = [
    "rdma.signing.LockedOut",
    *(["projects.directory.backend.DirectoryBackend"] if DIRECTORY else []),
    "projects.directory.local.LocalBackend",
    "rdma.signing.Refused",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False  # its rows could be changed and deleted there, past the audit
AXES_USERNAME_CALLABLE = "rdma.typed_names.typed_name"
AXES_WHITELIST_CALLABLE = "rdma.signing.nothing_was_tried"
AXES_LOCKOUT_CALLABLE = "rdma.accounts.locked_out"
AXES_CLIENT_IP_CALLABLE = "projects.addresses.client_address"

# ── the web ───────────────────────────────────────────────────────────────────────────────
BEHIND_TLS = env_bool("RDMA_BEHIND_TLS", default=False)
# How many servers of the house a request comes through: so many entries of X-Forwarded-For count.
PROXIES = env_int("RDMA_PROXIES", 1 if BEHIND_TLS else 0)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_TLS
if BEHIND_TLS:  # a browser takes these only from this very host, over TLS, for all of it
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"  # strict would ask who follows a link in a mail to sign in again
CSRF_COOKIE_SAMESITE = "Strict"
SECURE_SSL_REDIRECT = BEHIND_TLS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]  # asked from inside, and they tell nothing
SECURE_HSTS_SECONDS = env_int("RDMA_HSTS_SECONDS", 31_536_000 if BEHIND_TLS else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env_bool("RDMA_HSTS_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = env_bool("RDMA_HSTS_PRELOAD", default=False)
# Whether a domain is on the browsers' list is its owner's to say, not this program's.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# A session ends so long after sign-in, whatever happens in it, and so long after its last use.
SESSION_COOKIE_AGE = 12 * 3600
IDLE_MINUTES = env_int("RDMA_IDLE_MINUTES", 30)
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "object-src": [NONE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("RDMA_STATIC_ROOT", str(RDMA_DATA_DIR / "static")))
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 2000
FILE_UPLOAD_TEMP_DIR = str(RDMA_DATA_DIR / "scratch")
(RDMA_DATA_DIR / "scratch").mkdir(mode=0o700, exist_ok=True)
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

LANGUAGE_CODE = "en-gb"
TIME_ZONE = env("RDMA_TIME_ZONE", "Europe/Oslo")
USE_I18N = True
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"

# Passwords in scripts (Basic authentication): for one person on one machine, and nowhere that
# people sign in with the hospital's own password.
BASIC_AUTHENTICATION = env_bool(
    "RDMA_BASIC_AUTHENTICATION", default=IS_EMBEDDED and not env("LDAP_URI", "")
)
if BASIC_AUTHENTICATION and env("LDAP_URI", ""):
    raise ImproperlyConfigured(
        "RDMA_BASIC_AUTHENTICATION cannot be on where LDAP_URI is set: the hospital's passwords do "
        "not belong into scripts. Give those tokens."
    )
# Requests a minute: of each token or person, and of each address that nobody is known from. 0: any.
REST_PER_MINUTE = env_int("RDMA_REST_PER_MINUTE", 600)
REST_UNKNOWN_PER_MINUTE = env_int("RDMA_REST_UNKNOWN_PER_MINUTE", 60)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "projects.tokens.authentication.TokenAuthentication",
        "projects.tokens.authentication.LocalPassword",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["projects.tokens.access.Access"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["projects.bodies.StrictJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["projects.lists.KnownParameters"],
    "DEFAULT_PAGINATION_CLASS": "projects.lists.Pages",
    "PAGE_SIZE": 100,
    "EXCEPTION_HANDLER": "projects.tokens.answering.explain_or_repeat",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "rDMA",
    "DESCRIPTION": "Bring clinical studies into research projects, review them, export them.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["projects.tokens.access.Access"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "projects.tokens.describing.with_keys",
        "projects.describing.with_problems",
    ],
}

# ── the bells ─────────────────────────────────────────────────────────────────────────────
# A message carries an id and no more; the rows are the queue (docs/adr/0002).
CELERY_BROKER_URL = env("CELERY_BROKER_URL", "filesystem://")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 6 * 3600
CELERY_TASK_SOFT_TIME_LIMIT = 6 * 3600 - 120
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
if CELERY_BROKER_URL.startswith("filesystem:"):
    _bells = RDMA_DATA_DIR / "bells"
    for _name in ("in", "control"):
        (_bells / _name).mkdir(mode=0o700, parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(_bells / "in"),
        "data_folder_out": str(_bells / "in"),
        "control_folder": str(_bells / "control"),
        "polling_interval": 0.1,  # the default gives two tasks a second
    }
else:
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "visibility_timeout": 8 * 3600,  # above the hard time limit of a task
        "unacked_restore_interval": 30,
        "unacked_restore_throttle": 10,
    }

# ── DICOM and the pipeline ────────────────────────────────────────────────────────────────
DICOM_AE_TITLE = env("DICOM_AE_TITLE", "RDMA")
DICOM_HOST = env("DICOM_HOST", "0.0.0.0" if not IS_EMBEDDED else "127.0.0.1")  # noqa: S104
DICOM_PORT = env_int("DICOM_PORT", 11112)
DICOM_CALLED_AE_TITLES = env_list("DICOM_CALLED_AE_TITLES", "")  # empty: any is answered
STUDY_SILENCE_SECONDS = env_int("RDMA_STUDY_SILENCE_SECONDS", 16)
UPLOAD_LIMIT_BYTES = env_int("RDMA_UPLOAD_LIMIT_BYTES", 64 * 1024**3)
CHECK_LIMIT_BYTES = env_int("RDMA_CHECK_LIMIT_BYTES", 20 * 1024**3)
# Of packages: how many bytes a project may have of them, how many all projects (0: no bound), and
# how many stay free on the disk.
PROJECT_PACKAGES_BYTES = env_int("RDMA_PROJECT_PACKAGES_BYTES", 0)
ALL_PACKAGES_BYTES = env_int("RDMA_ALL_PACKAGES_BYTES", 0)
DISK_RESERVE_BYTES = env_int("RDMA_DISK_RESERVE_BYTES", 5 * 1024**3)
SLICE_SIZE = env_int("RDMA_SLICE_SIZE", 200)
# What destinations of packages may name: host or host:port. Empty: packages are sent nowhere.
DELIVERY_HOSTS = env_list("RDMA_DELIVERY_HOSTS", "")
# What destinations of transfers may name: host, host:port, or a network such as 10.20.0.0/16.
DESTINATION_HOSTS = env_list(
    "RDMA_DESTINATION_HOSTS", "127.0.0.1,localhost,::1" if IS_ALONE else ""
)
# The only folder whose files a destination may name as its credentials.
CREDENTIALS_DIR = Path(env("RDMA_CREDENTIALS_DIR", str(RDMA_DATA_DIR / "credentials")))
# The internal location of a web server that sends packages itself (X-Accel-Redirect).
ACCEL_PREFIX = env("RDMA_ACCEL_PREFIX", "")
# The audit: how long events stay (0: for ever), how long the addresses they came from, and a log
# server that gets a copy (docs/adr/0045).
AUDIT_YEARS = env_int("RDMA_AUDIT_YEARS", 10)
AUDIT_ADDRESS_DAYS = env_int("RDMA_AUDIT_ADDRESS_DAYS", 365)
AUDIT_SYSLOG = env_log_server("RDMA_SYSLOG")
LEASE_SECONDS = env_int("RDMA_LEASE_SECONDS", 60)
SWEEP_SECONDS = env_int("RDMA_SWEEP_SECONDS", 15)

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "rdma.logs.WithoutValues",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env("RDMA_LOG_LEVEL", "INFO")},
    "loggers": {
        # pynetdicom writes received identifiers at INFO and below; axes writes user names
        "pynetdicom": {"level": "ERROR"},
        # pydicom sets its own level when it is first imported, which is after this is read
        "pydicom": {"level": "CRITICAL", "propagate": False},
        "axes": {"level": "ERROR"},
        "django_auth_ldap": {"level": "CRITICAL"},
        "kombu.connection": {"level": "ERROR"},  # the filesystem has no host name to give
        "django.db.backends": {"level": "ERROR"},
    },
}
