"""From DICOM series to NIfTI by dcm2niix: run it, clean what it wrote beside the voxels, name it.

Nothing here knows packages: folders and options go in, files come out. Voxels, geometry and timing
are never touched; what is cleaned are the texts in which dcm2niix notes when and where an image
was made.
"""
