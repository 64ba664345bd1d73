# One image for every process of rDMA: compose.yaml says which command each runs.
#
# The dependencies come from the hashed lock as wheels, so the image needs no compiler. What speaks
# LDAP has no wheel: `--build-arg LDAP=yes` builds it, and its compiler stays behind.

FROM python:3.11-slim-bookworm AS dependencies
ARG LDAP=no
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
RUN python -m venv /srv/venv
COPY requirements/base.lock /tmp/base.lock
RUN /srv/venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: -r /tmp/base.lock
COPY requirements/ldap.lock /tmp/ldap.lock
RUN if [ "$LDAP" = yes ]; then \
        apt-get update --quiet \
        && apt-get install --yes --quiet --no-install-recommends \
            gcc libc6-dev libldap2-dev libsasl2-dev \
        && /srv/venv/bin/pip install --no-cache-dir --require-hashes --only-binary :all: \
            --no-binary python-ldap -r /tmp/ldap.lock; \
    fi

FROM python:3.11-slim-bookworm
ARG LDAP=no
RUN if [ "$LDAP" = yes ]; then \
        apt-get update --quiet \
        && apt-get install --yes --quiet --no-install-recommends libldap-2.5-0 libsasl2-2 \
        && rm -rf /var/lib/apt/lists/*; \
    fi
RUN groupadd --gid 10001 rdma \
    && useradd --uid 10001 --gid rdma --no-create-home --home-dir /nonexistent rdma \
    && install --directory --owner rdma --group rdma --mode 0700 /var/lib/rdma
ENV PATH=/srv/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    RDMA_DATA_DIR=/var/lib/rdma \
    RDMA_STATIC_ROOT=/srv/static
COPY --from=dependencies /srv/venv /srv/venv
COPY . /srv/rdma
WORKDIR /srv/rdma
# Collecting needs settings but no secrets: the keys that are drawn for it go with their folder.
RUN RDMA_DATA_DIR=/tmp/collecting python manage.py collectstatic --no-input \
    && rm -rf /tmp/collecting \
    && python -m compileall -q /srv/rdma
USER rdma
VOLUME /var/lib/rdma
EXPOSE 8000 11112
CMD ["gunicorn", "--bind", "0.0.0.0:8000", "--worker-tmp-dir", "/dev/shm", "--threads", "4", "rdma.wsgi"]
