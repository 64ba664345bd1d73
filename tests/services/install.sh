#!/bin/sh
# Install the Debian packages whose servers and tools the tests start; do nothing if all are here.
# The tests use none of the services that Debian starts on installing: each test run starts its
# own, on 127.0.0.1 and a free port, in a folder of its own.
set -eu

packages="python3-venv postgresql redis-server dcmtk orthanc orthanc-dicomweb dicom3tools
chromium fonts-dejavu-core podman openssh-server unzip 7zip slapd ldap-utils gcc libc6-dev
libldap2-dev libsasl2-dev python3-dev"

if ! command -v dpkg-query >/dev/null; then
    echo "This is not Debian: install these yourself, or their tests will fail:" $packages >&2
    exit 0
fi

missing=""
for package in $packages; do
    dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null |
        grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || {
        echo "Ask somebody with root to install:$missing" >&2
        exit 1
    }
    as_root=sudo
fi

echo "Installing for the tests:$missing"
$as_root apt-get update --quiet
# shellcheck disable=SC2086  # the names are meant to be split
$as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get install --yes --quiet --no-install-recommends $missing
