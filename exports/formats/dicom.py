"""DICOM, the files as they were delivered."""

from exports.building.progress import Progress


def pack(progress: Progress) -> bool:
    """Pack image by image; tell whether all are in."""
    for image, position in progress.images():
        progress.add_image(image)
        if not progress.packed(1, position, image.size):
            break
    return progress.is_whole
