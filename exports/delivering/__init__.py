"""Packages on their way out: to an SFTP server, a bucket, a DICOM node, a resumable upload.

A destination is a row that the data office made, at a host that operations allow. Each kind sends
a file in pieces, goes on where it stopped, follows no redirect, and says with what the destination
confirmed what it has; before that, nothing is called delivered (docs/adr/0037).
"""
