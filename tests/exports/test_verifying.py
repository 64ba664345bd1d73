"""Whoever has a package and the public key can tell whether it is whole and from here."""

import json
import os
import subprocess
from base64 import b64decode
from io import StringIO
from zipfile import ZipFile

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.core.management import CommandError, call_command

from exports.passwords import package_password
from exports.signing import public_key_pem
from exports.specification import read_specification
from exports.verifying import problems_of
from tests.datasets import make_mr_series
from tests.exports.conftest import path_of
from tests.exports.research_copies import add_study, dicom_files

pytestmark = pytest.mark.django_db


@pytest.fixture
def images(project, tmp_path) -> None:
    make_mr_series(tmp_path / "a", n=2)
    add_study(project, dicom_files(tmp_path / "a"))


@pytest.fixture
def file(images, project, build):
    return path_of(build(project))


def changed(file, target, change) -> None:
    """Copy a zip file; `change` gives a member's new content, or None to leave it out."""
    with ZipFile(file) as read, ZipFile(target, "w") as write:
        for name in read.namelist():
            content = change(name, read.read(name))
            if content is not None:
                write.writestr(name, content)


def test_package_is_found_whole_unchanged_and_signed(file):
    said = StringIO()

    call_command("verify_package", str(file), stdout=said)

    assert said.getvalue().startswith("The package is whole, unchanged and signed")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda name, old: old[:-1] + b"x" if name.endswith("1.dcm") else old, "is not what"),
        (lambda name, old: None if name.endswith("1.dcm") else old, "is missing"),
        (lambda name, old: old.replace(b"BICAM", b"BYCAM"), "The signature is not this key's"),
        (lambda name, old: None if name.endswith(".sig") else old, "It has no manifest.json.sig"),
    ],
)
def test_package_that_was_changed_is_told(file, tmp_path, change, said):
    changed(file, tmp_path / "changed.zip", change)

    problems = list(problems_of(tmp_path / "changed.zip", pem=public_key_pem()))

    assert any(said in problem for problem in problems)


def test_file_that_was_added_is_told(file):
    with ZipFile(file, "a") as package:
        package.writestr("added.txt", "later")

    assert "added.txt is in it" in " ".join(problems_of(file, pem=public_key_pem()))


def test_package_of_another_installation_is_told(file, tmp_path):
    other = Ed25519PrivateKey.generate().public_key()
    key = tmp_path / "key.pem"
    key.write_bytes(other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))

    with pytest.raises(CommandError, match="not intact"):
        call_command("verify_package", str(file), key=key, stdout=StringIO())


def test_encrypted_package_is_verified_with_its_password(images, project, build):
    package = build(project, read_specification({"is_encrypted": True}))
    pem, password = public_key_pem(), package_password(package)

    assert list(problems_of(path_of(package), pem=pem, password=password)) == []
    assert "password" in " ".join(problems_of(path_of(package), pem=pem, password="WRONG"))


def test_openssl_verifies_the_signature_as_the_manual_says(file, tmp_path):
    with ZipFile(file) as package:
        package.extract("manifest.json", tmp_path)
        (tmp_path / "signature").write_bytes(b64decode(package.read("manifest.json.sig")))
    (tmp_path / "key.pem").write_text(public_key_pem())
    line = subprocess.run(
        ["sha256sum", "manifest.json"], cwd=tmp_path, capture_output=True, check=True
    )
    (tmp_path / "line").write_bytes(line.stdout)

    command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin"]
    command += ["-in", "line", "-sigfile", "signature"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert "Signature Verified Successfully" in done.stdout


def test_manifest_names_the_specification_the_plan_and_what_was_changed(images, project, build):
    specification = read_specification(
        {"transformations": [{"element": "SeriesDescription", "do": "dash"}]}
    )

    package = build(project, specification)

    with ZipFile(path_of(package)) as read:
        manifest = json.loads(read.read("manifest.json"))
    assert manifest["specification"]["digest"] == specification.digest
    assert manifest["transformed"] == [{"element": "SeriesDescription", "do": "dash"}]
    assert manifest["plans"] == [{"version": 1, "digest": "d" * 64, "images": 2}]
    assert package.contents["counts"] == manifest["counts"]
    assert package.contents["signing_key"] == manifest["signing_key"]


def test_key_is_told_over_rest_and_printed(owner, client):
    client.force_login(owner)
    printed = StringIO()

    told = client.get("/api/v1/exports/signing-key/").json()
    call_command("verify_package", print_key=True, stdout=printed)

    assert told["pem"] == printed.getvalue() == public_key_pem()
    assert os.linesep in told["pem"]
