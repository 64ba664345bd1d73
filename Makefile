# The commands of this house. `make help` lists them; CONTRIBUTING.md tells more.
#
# Everything lives in .venv. A stamp says which lock file .venv was last filled from, so that
# nothing is installed twice.

VENV := .venv
BIN := $(VENV)/bin
PYTHON ?=
ARGS ?=

# Wheels only: no compiler is needed, and nothing that is downloaded runs while it is installed.
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input \
	--require-hashes --only-binary :all:
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock'

# Checks and tests must not depend on, or touch, what a developer has configured for real work.
APART := env -u DATABASE_URL -u DATABASE_URL_FILE -u CELERY_BROKER_URL -u CELERY_BROKER_URL_FILE \
	-u RDMA_STORAGE_URL RDMA_DATA_DIR="$(CURDIR)/$(VENV)/apart"

.DEFAULT_GOAL := help
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: help demo test check bench docs lock ldap servers secrets

help: ## list these commands
	@grep -hE '^[a-z]+:.*## ' Makefile | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 16

demo: $(VENV)/.base ## set up and walk the whole way on this machine; ONCE=1 exits after it, DATA=FOLDER takes your own files, PORT=8001 serves there
	@RDMA_DRAW_KEYS=yes RDMA_DISK_RESERVE_BYTES=$${RDMA_DISK_RESERVE_BYTES:-200000000} $(BIN)/python manage.py demo $(if $(filter-out 0 no false,$(ONCE)),--once) $(if $(DATA),--data "$$DATA") $(if $(PORT),--port "$$PORT")

# The whole runs in as many processes as there are cores, a file of tests in one of them; a part
# in one, since every process starts servers of its own.
SPREAD := --numprocesses auto --maxprocesses 4 --dist loadfile --durations 25

test: servers $(VENV)/.dev $(VENV)/.ldap ## run every test against real servers; ARGS="-k name" narrows
	$(APART) $(BIN)/python -m pytest $(or $(strip $(ARGS)),$(SPREAD))

check: $(VENV)/.dev ## format, lint, types, import contracts, migrations, API description, generated docs, known vulnerabilities
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(APART) $(BIN)/mypy .
	$(BIN)/lint-imports
	$(APART) $(BIN)/python manage.py makemigrations --check --dry-run
	$(APART) $(BIN)/python manage.py spectacular --validate --fail-on-warn --file $(VENV)/openapi.yaml
	$(BIN)/python -m docs.generate --check
	@.ci/audit $(BIN)

bench: $(VENV)/.base ## time the engine against a copy and other programs; ARGS="--kinds ct --rounds 3" narrows
	$(APART) $(BIN)/python -m benchmarks.run $(ARGS)

docs: $(VENV)/.base ## write the tables in docs/generated from the code
	$(BIN)/python -m docs.generate

lock: $(VENV)/.dev ## write the hashed locks anew; ARGS=--upgrade takes newer versions
	$(LOCK) requirements/base.in --output-file requirements/base.lock $(ARGS)
	$(LOCK) requirements/dev.in --output-file requirements/dev.lock $(ARGS)
	$(LOCK) requirements/ldap.in --output-file requirements/ldap.lock $(ARGS)

ldap: $(VENV)/.ldap ## add what signs people in with the hospital's directory; needs a compiler, libldap2-dev, libsasl2-dev

servers: # the Debian packages of the servers that the tests start
	@sh tests/services/install.sh

secrets: # draw the keys that compose.yaml reads, once
	@sh .ci/draw-secrets

$(VENV)/.made:
	@for python in $(PYTHON) python3 python3.11 python3.12 python3.13 python3.14; do \
		command -v "$$python" >/dev/null && \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
		python=; \
	done; \
	if [ -z "$$python" ]; then \
		echo "rDMA needs Python 3.11 or newer, and found none. Name one: make PYTHON=/path/to/python" >&2; exit 1; \
	fi; \
	"$$python" -m venv $(VENV) || { \
		echo "$$python cannot make a virtual environment; on Debian, install python3-venv." >&2; \
		rm -rf $(VENV); exit 1; \
	}
	@touch $@

$(VENV)/.base: requirements/base.lock $(VENV)/.made
	@echo "Installing what rDMA needs into $(VENV) (about a minute the first time)"
	@$(INSTALL) -r requirements/base.lock
	@# Ahead, for where the environment keeps Python from doing so: it halves the engine's start-up.
	@$(BIN)/python -m compileall -q deidentify
	@touch $@

# The development lock holds the base lock whole, so that filling from it stamps both.
$(VENV)/.dev: requirements/dev.lock requirements/base.lock $(VENV)/.made
	@echo "Installing the development tools into $(VENV)"
	@$(INSTALL) -r requirements/dev.lock
	@$(BIN)/python -m compileall -q deidentify
	@touch $(VENV)/.base $@

# The one dependency without a wheel: built here, from the source that its hash names. Neither the
# demo nor the checks ask for it.
$(VENV)/.ldap: requirements/ldap.lock $(VENV)/.made
	@echo "Building what speaks LDAP into $(VENV)"
	@$(INSTALL) --no-binary python-ldap -r requirements/ldap.lock || { \
		echo "It needs a C compiler and the headers of OpenLDAP and SASL; on Debian, install" >&2; \
		echo "gcc libc6-dev python3-dev libldap2-dev libsasl2-dev." >&2; \
		exit 1; \
	}
	@touch $@
