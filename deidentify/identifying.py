"""Which elements of a source say who the patient is, or who met them, and of what kind.

What stands there is searched for in every text that is kept. Values are taken as stored, at
any depth, also inside sequences that are removed.
"""

NAME, IDENTIFIER, BIRTH_DATE, ADDRESS, PHONE, PLACE, DATE, MAIL, DEVICE, PLACE_ADDRESS = (
    "name", "identifier", "birth_date", "address", "phone", "institution", "date", "email",
    "device", "institution_address",
)  # fmt: skip

PATIENT_NAME = "patient_name"  # a name like others, and the one the pseudonym stands for
PATIENT_NAMES = frozenset({0x00100010, 0x00101001, 0x00101005})

IDENTIFYING: dict[int, str] = {
    0x00080050: IDENTIFIER,  # Accession Number
    0x00080080: PLACE,  # Institution Name
    0x00080081: PLACE_ADDRESS,  # Institution Address
    0x00081040: PLACE,  # Institutional Department Name
    0x00080092: ADDRESS,  # Referring Physician's Address
    0x00080094: PHONE,  # Referring Physician's Telephone Numbers
    0x00100020: IDENTIFIER,  # Patient ID
    0x00100030: BIRTH_DATE,  # Patient's Birth Date
    0x00101000: IDENTIFIER,  # Other Patient IDs
    0x00101040: ADDRESS,  # Patient's Address
    0x00101050: IDENTIFIER,  # Insurance Plan Identification
    0x00101090: IDENTIFIER,  # Medical Record Locator
    0x00102154: PHONE,  # Patient's Telephone Numbers
    0x00102155: ADDRESS,  # Patient's Telecom Information
    0x00102297: NAME,  # Responsible Person
    0x00102299: PLACE,  # Responsible Organization
    0x00100033: BIRTH_DATE,  # Patient's Birth Date in Alternative Calendar
    0x00120040: IDENTIFIER,  # Clinical Trial Subject ID
    0x00120042: IDENTIFIER,  # Clinical Trial Subject Reading ID
    0x00120082: IDENTIFIER,  # Clinical Trial Protocol Ethics Committee Approval Number
    0x00200010: IDENTIFIER,  # Study ID
    0x00321033: PLACE,  # Requesting Service
    0x00380010: IDENTIFIER,  # Admission ID
    0x00380060: IDENTIFIER,  # Service Episode ID
    0x00380300: PLACE,  # Current Patient Location
    0x00380400: PLACE,  # Patient's Institution Residence
    0x00400253: IDENTIFIER,  # Performed Procedure Step ID
    0x00401001: IDENTIFIER,  # Requested Procedure ID
    0x00400009: IDENTIFIER,  # Scheduled Procedure Step ID
    0x00401102: ADDRESS,  # Person's Address
    0x00401103: PHONE,  # Person's Telephone Numbers
    0x00402008: NAME,  # Order Entered By
    0x00402010: PHONE,  # Order Callback Phone Number
    0x00400512: IDENTIFIER,  # Container Identifier
    0x00400551: IDENTIFIER,  # Specimen Identifier
    0x00401104: PHONE,  # Person's Telecom Information
    0x00402006: IDENTIFIER,  # Placer Order Number, retired
    0x00402007: IDENTIFIER,  # Filler Order Number, retired
    0x00402016: IDENTIFIER,  # Placer Order Number
    0x00402017: IDENTIFIER,  # Filler Order Number
    0x00404037: NAME,  # Human Performer's Name
    0x0040A123: NAME,  # Person Name
    0x00080055: DEVICE,  # Station AE Title
    0x00081010: DEVICE,  # Station Name
    0x00181000: DEVICE,  # Device Serial Number
    0x00181004: DEVICE,  # Plate ID
    0x00181005: DEVICE,  # Generator ID
    0x00181007: DEVICE,  # Cassette ID
    0x00181008: DEVICE,  # Gantry ID
    0x00400001: DEVICE,  # Scheduled Station AE Title
    0x00400010: DEVICE,  # Scheduled Station Name
    0x00400241: DEVICE,  # Performed Station AE Title
    0x00400242: DEVICE,  # Performed Station Name
    0x00080020: DATE,  # Study Date
    0x00080021: DATE,  # Series Date
    0x00080022: DATE,  # Acquisition Date
    0x00080023: DATE,  # Content Date
    0x00080012: DATE,  # Instance Creation Date
    0x00400244: DATE,  # Performed Procedure Step Start Date
}


CODE_MEANING, PERSON_CODES = 0x00080104, 0x00401101


def kind_of(tag: int, vr: str, parents: tuple[int, ...] = ()) -> str:
    """Return the kind of identifying value an element holds, "" if none.

    Args:
        tag: 0xggggeeee.
        vr: its VR.
        parents: the sequences it is in. A code of Person Identification Code Sequence means a
            person, and says who (PS3.3 10.1).
    """
    if tag == CODE_MEANING and parents[-1:] == (PERSON_CODES,):
        return NAME
    if vr == "PN":
        return PATIENT_NAME if tag in PATIENT_NAMES else NAME
    return IDENTIFYING.get(tag, "")
