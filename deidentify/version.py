"""Who wrote a file: the engine's name, version and implementation UID.

Source: DICOM PS3.7 Annex D.3.3.2 (Implementation Class UID and Version Name).
"""

ENGINE = "rDMA deidentify"
VERSION = "0.1"
IMPLEMENTATION_CLASS_UID = b"2.25.168307812034711294330551890763325104657"
IMPLEMENTATION_VERSION_NAME = b"RDMA_DEID_0.1"
