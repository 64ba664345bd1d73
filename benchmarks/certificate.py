"""A certificate for gdcmanon, which encrypts what it takes away; nobody keeps the key.

    python -m benchmarks.certificate FILE

A program of its own, so that the process that measures stays small: what a child reports as its
peak memory begins with that of the process that started it.
"""

import datetime
import sys
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID


def main() -> None:
    """Write a self-signed certificate in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "bench")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=9))
        .sign(key, hashes.SHA256())
    )
    Path(sys.argv[1]).write_bytes(made.public_bytes(serialization.Encoding.PEM))


if __name__ == "__main__":
    main()
