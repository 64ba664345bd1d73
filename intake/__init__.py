"""Studies arriving: DICOM node, upload, folder; quarantine and its catalogue."""
