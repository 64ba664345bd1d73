"""The directory of a DICOM medium (DICOMDIR), written as a stream: any number of images."""
