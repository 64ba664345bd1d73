"""Which pictures may carry burned-in text, by what their header says: facts, printed in the docs.

A kind of image is a SOP class. Some kinds always wait for a person; some wait unless their header
states that nothing is burned in, an attribute that their IOD requires (PS3.3 C.8.11.3); some pass.
What stands in no table and has pixels waits. Whatever the kind, a header that tells of text in the
picture makes it wait.

Source: DICOM PS3.15 E.3.1 (Clean Pixel Data), PS3.4 B.5 (SOP classes), PS3.3 C.8.6.1 (Conversion
Type), C.7.6.1.1.2 (Image Type).
"""

STORAGE = "1.2.840.10008.5.1.4.1.1."

# What follows STORAGE: what it is, in words that a project administrator knows.
ALWAYS_WAITS: dict[str, str] = {
    "3": "ultrasound (retired)",
    "3.1": "ultrasound (multi-frame)",
    "6": "ultrasound (retired)",
    "6.1": "ultrasound",
    "6.2": "enhanced ultrasound volume",
    "6.3": "photoacoustic image",
    "7": "secondary capture",
    "7.1": "secondary capture, 1 bit",
    "7.2": "secondary capture, multi-frame grey",
    "7.3": "secondary capture, multi-frame grey 16 bit",
    "7.4": "secondary capture, multi-frame colour",
    "12.1": "X-ray angiography",
    "12.1.1": "enhanced X-ray angiography",
    "12.2": "X-ray fluoroscopy",
    "12.2.1": "enhanced X-ray fluoroscopy",
    "12.3": "X-ray angiography, biplane (retired)",
    "14.1": "intravascular optical coherence tomography",
    "14.2": "intravascular optical coherence tomography",
    "77.1.1": "endoscopy",
    "77.1.1.1": "video endoscopy",
    "77.1.2": "microscopy",
    "77.1.2.1": "video microscopy",
    "77.1.3": "slide microscopy",
    "77.1.4": "photograph",
    "77.1.4.1": "video photograph",
    "77.1.5.1": "ophthalmic photograph",
    "77.1.5.2": "ophthalmic photograph",
    "77.1.5.5": "wide field ophthalmic photograph",
    "77.1.5.6": "wide field ophthalmic photograph",
    "77.1.6": "whole slide microscopy, whose label may be in the picture",
    "77.1.7": "dermoscopic photograph",
    "104.1": "encapsulated PDF",
    "104.2": "encapsulated CDA",
    "104.3": "encapsulated model (STL)",
    "104.4": "encapsulated model (OBJ)",
    "104.5": "encapsulated model (MTL)",
}

# Burned In Annotation says of these whether there is text; without a word of it, they wait.
WAITS_UNLESS_STATED: dict[str, str] = {
    "1": "computed radiography",
    "1.1": "digital X-ray",
    "1.1.1": "digital X-ray",
    "1.2": "mammography",
    "1.2.1": "mammography",
    "1.3": "intra-oral X-ray",
    "1.3.1": "intra-oral X-ray",
    "13.1.3": "breast tomosynthesis",
    "13.1.4": "breast projection X-ray",
    "13.1.5": "breast projection X-ray",
    "77.1.5.4": "ophthalmic tomography",
    "77.1.5.7": "ophthalmic thickness map",
    "77.1.5.8": "ophthalmic tomography",
    "81.1": "ophthalmic thickness map",
    "82.1": "corneal topography",
}

PASSES: dict[str, str] = {
    "2": "CT",
    "2.1": "enhanced CT",
    "2.2": "converted enhanced CT",
    "4": "MR",
    "4.1": "enhanced MR",
    "4.3": "enhanced MR, colour",
    "4.4": "converted enhanced MR",
    "5": "nuclear medicine (retired)",
    "20": "nuclear medicine",
    "30": "parametric map",
    "13.1.1": "X-ray angiography, reconstructed volume",
    "13.1.2": "X-ray of the face and skull, reconstructed volume",
    "66.4": "segmentation",
    "66.7": "label map",
    "66.8": "height map",
    "128": "PET",
    "128.1": "converted enhanced PET",
    "130": "enhanced PET",
    "481.1": "radiotherapy image",
    "481.2": "radiotherapy dose",
}

# Modality (0008,0060): such a modality under a kind that passes says that it is something else.
WAITING_MODALITIES: dict[str, str] = {
    "BDUS": "ultrasound",
    "DG": "diaphanography",
    "DMS": "dermoscopy",
    "DOC": "document",
    "ES": "endoscopy",
    "FC": "fluoroscopy",
    "GM": "microscopy",
    "HC": "hard copy",
    "IVUS": "intravascular ultrasound",
    "OP": "ophthalmic photograph",
    "OT": "other",
    "RF": "fluoroscopy",
    "SC": "secondary capture",
    "SM": "slide microscopy",
    "TG": "thermography",
    "US": "ultrasound",
    "XA": "angiography",
    "XC": "photograph",
}

# Words in a value of Image Type (0008,0008), whatever stands between them: `DOSE_INFO`.
TELLING_WORDS: frozenset[str] = frozenset(
    {
        *("CAPTURE", "CAPTURED", "DOSE", "FILM", "HARDCOPY", "INFO", "PHOTO", "PRINT", "PRINTED"),
        *("PROT", "PROTOCOL", "REPORT", "RESULTS", "SAVE", "SAVED", "SCANNED", "SCREEN"),
        *("SCREENSAVE", "SCREENSHOT", "SNAPSHOT", "SUMMARY", "TABLE", "TEXT"),
    }
)

# Conversion Type (0008,0064): how a picture that was none became one.
CONVERSIONS: dict[str, str] = {
    "DV": "digitised video",
    "DI": "taken from a screen or a device",
    "DF": "digitised film",
    "WSD": "made at a workstation",
    "SD": "a scanned document",
    "SI": "a scanned image",
    "DRW": "a drawing",
    "SYN": "made by a program",
}

# Kinds of which Image Type, Conversion Type and Modality tell nothing of text: a radiotherapy
# image has a conversion type in any case, a dose may call itself DOSE, a map may be OT.
TOLD_BY_THEIR_KIND: frozenset[str] = frozenset({"30", "66.4", "66.7", "66.8", "481.1", "481.2"})
