"""Sending a package into an S3 bucket: in parts, each with its sum; confirmed by the whole's sum.

An upload that was broken off is found again by its number; parts that the bucket has are compared
with the file before they count. Only keys that the destination's row holds are used.

Source: the S3 API's CreateMultipartUpload, UploadPart, ListParts and CompleteMultipartUpload;
"Checking object integrity" on composite checksums.
"""

import base64
import hashlib
from collections.abc import Iterator
from typing import Any, NamedTuple

from exports.delivering.shipment import CHUNK, Shipment
from exports.models import PackageDestination
from exports.states import DeliveryProof
from transfers.errors import Away, TransferError

PART = 16 * 1024 * 1024
MOST_PARTS = 10_000
CONNECT_SECONDS, ANSWER_SECONDS = 15, 120
NOT_THERE = {"404", "NoSuchKey", "NotFound", "NoSuchUpload"}
REFUSED = {
    "403": "The bucket does not let this key write.",
    "AccessDenied": "The bucket does not let this key write.",
    "InvalidAccessKeyId": "The bucket does not know this access key.",
    "SignatureDoesNotMatch": "The secret key does not fit the access key.",
    "NoSuchBucket": "There is no bucket of this name.",
    "EntityTooLarge": "The package is larger than the bucket takes.",
    "301": "The bucket is at another address. Redirects are not followed.",
    "PermanentRedirect": "The bucket is at another address. Redirects are not followed.",
    "307": "The bucket is at another address. Redirects are not followed.",
}


class Part(NamedTuple):
    """One part of the file as the bucket has it."""

    number: int
    etag: str
    md5: bytes
    sha256: bytes
    has_sum: bool


def send(shipment: Shipment) -> DeliveryProof:
    """Send the file; return how the bucket confirmed it. Raises Away, TransferError."""
    from botocore.exceptions import BotoCoreError, ClientError  # an extra: only where it is used

    try:
        return _Upload(shipment).run()
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in REFUSED:
            raise TransferError(REFUSED[code]) from error
        raise Away(f"{shipment.destination} answered with an error.") from error
    except BotoCoreError as error:
        raise Away(f"{shipment.destination} cannot be reached.") from error


class _Upload:
    """One package's upload into one bucket."""

    def __init__(self, shipment: Shipment) -> None:
        self.shipment = shipment
        bucket, _, prefix = shipment.destination.place.partition("/")
        prefix = prefix.strip("/")
        name = shipment.package.file_name
        self.at = {"Bucket": bucket, "Key": f"{prefix}/{name}" if prefix else name}
        self.part_size = max(PART, -(-shipment.package.size // (MOST_PARTS * CHUNK)) * CHUNK)
        self.client = client(shipment.destination)

    def run(self) -> DeliveryProof:
        if (there := self._head()) is not None:
            return self._prove(there, [])  # a worker was killed after its last step
        upload_id = self.shipment.delivery.remote_id or self._begin()
        parts = self._send_parts(upload_id)
        self.client.complete_multipart_upload(
            **self.at,
            UploadId=upload_id,
            MultipartUpload={"Parts": [_named(part) for part in parts]},
        )
        there = self._head()
        if there is None:
            raise Away("The bucket does not show the package yet.")
        return self._prove(there, parts)

    def _begin(self) -> str:
        answer = self.client.create_multipart_upload(
            **self.at,
            ChecksumAlgorithm="SHA256",
            ContentType="application/zip",
            Metadata={"sha256": self.shipment.package.sha256},
        )
        upload_id: str = answer["UploadId"]
        self.shipment.came_to(0, remote_id=upload_id)
        return upload_id

    def _send_parts(self, upload_id: str) -> list[Part]:
        """Send every part that the bucket has not got yet."""
        there = self._listed(upload_id)
        parts, done = [], 0
        for number, piece in enumerate(self.shipment.pieces(length=self.part_size), start=1):
            md5 = hashlib.md5(piece, usedforsecurity=False).digest()
            sha256 = hashlib.sha256(piece).digest()
            part = _counted(there.get(number), number, md5, sha256)
            if part is None:
                answer = self.client.upload_part(
                    **self.at,
                    UploadId=upload_id,
                    PartNumber=number,
                    Body=piece,
                    ContentMD5=_base64(md5),
                    ChecksumSHA256=_base64(sha256),
                )
                has_sum = answer.get("ChecksumSHA256") == _base64(sha256)
                part = Part(number, answer["ETag"], md5, sha256, has_sum)
            parts.append(part)
            done += len(piece)
            self.shipment.came_to(done)
        return parts

    def _listed(self, upload_id: str) -> dict[int, dict[str, Any]]:
        """Return the parts that the bucket has; raises Away if it has forgotten the upload."""
        from botocore.exceptions import ClientError

        found: dict[int, dict[str, Any]] = {}
        pages = self.client.get_paginator("list_parts").paginate(**self.at, UploadId=upload_id)
        try:
            for page in pages:
                found |= {part["PartNumber"]: part for part in page.get("Parts", [])}
        except ClientError as error:
            if str(error.response.get("Error", {}).get("Code", "")) not in NOT_THERE:
                raise
            self.shipment.came_to(0, remote_id="")
            raise Away("The bucket has forgotten the upload; it begins anew.") from error
        return found

    def _head(self) -> dict[str, Any] | None:
        """Return what the bucket says of the object; None if it has none."""
        from botocore.exceptions import ClientError

        try:
            there: dict[str, Any] = self.client.head_object(**self.at, ChecksumMode="ENABLED")
        except ClientError as error:
            if str(error.response.get("Error", {}).get("Code", "")) in NOT_THERE:
                return None
            raise
        return there

    def _prove(self, there: dict[str, Any], parts: list[Part]) -> DeliveryProof:
        """Return by what the object is known to be the package. Raises TransferError."""
        package = self.shipment.package
        if there["ContentLength"] == package.size:
            if parts and _sums_agree(there, parts):
                return DeliveryProof.SUM
            if self.shipment.is_same(self._read()):
                return DeliveryProof.READ_BACK
        raise TransferError(
            "Another object of this name is in the bucket, or what it has is not what was sent."
        )

    def _read(self) -> Iterator[bytes]:
        body = self.client.get_object(**self.at)["Body"]
        yield from body.iter_chunks(CHUNK)


def client(destination: PackageDestination) -> Any:
    """Return a client for a destination; it takes its keys from the row, and from nowhere else."""
    import boto3  # an extra, and heavy: only where it is used
    from botocore.config import Config

    return boto3.session.Session().client(
        "s3",
        endpoint_url=destination.address,
        region_name=destination.region or "us-east-1",
        aws_access_key_id=destination.account,
        aws_secret_access_key=destination.secret,
        config=Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            retries={"max_attempts": 2, "mode": "standard"},
            s3={"addressing_style": "path"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


def _counted(there: dict[str, Any] | None, number: int, md5: bytes, sha256: bytes) -> Part | None:
    """Return a part that the bucket has, if its sum is that of the file's bytes."""
    if there is None:
        return None
    has_sum = there.get("ChecksumSHA256") == _base64(sha256)
    if has_sum or there["ETag"].strip('"') == md5.hex():
        return Part(number, there["ETag"], md5, sha256, has_sum)
    return None


def _named(part: Part) -> dict[str, Any]:
    """Return how the last call names a part."""
    named: dict[str, Any] = {"PartNumber": part.number, "ETag": part.etag}
    return named | ({"ChecksumSHA256": _base64(part.sha256)} if part.has_sum else {})


def _sums_agree(there: dict[str, Any], parts: list[Part]) -> bool:
    """Tell whether the bucket's sum over all parts is the one that they have here."""
    whole = _base64(hashlib.sha256(b"".join(part.sha256 for part in parts)).digest())
    if "ChecksumSHA256" in there:
        return bool(there["ChecksumSHA256"].partition("-")[0] == whole)  # -3: of three parts
    md5 = hashlib.md5(b"".join(part.md5 for part in parts), usedforsecurity=False).hexdigest()
    return bool(there["ETag"].strip('"') == f"{md5}-{len(parts)}")


def _base64(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
