"""Cell F: dates in elements of every form and in texts; their distances stay."""

from datetime import timedelta

from pydicom.dataelem import DataElement
from pydicom.sequence import Sequence

from rdma.selftest.planting.identities import birth_forms
from rdma.selftest.planting.sheets import MOVED, Sheet
from rdma.selftest.planting.synthetic import dataset_of
from rdma.selftest.planting.texts import CLINICAL

TEXTS = [0x00104000, 0x00204000, 0x001021B0, 0x00324000, 0x00084000]
DAYS = [0x00080021, 0x00080022, 0x00080012, 0x00400244, 0x00400002]
MOMENTS = [0x0008002A, 0x00189074, 0x00189151, 0x00404050]


def plant_dates(sheet: Sheet) -> None:
    """Dates of the examination and earlier ones, alone, several, with time and offset."""
    person, draw, dataset = sheet.person, sheet.draw, sheet.dataset
    day = person.examined - timedelta(draw.randrange(500))
    for tag in draw.sample(DAYS, 2):
        dataset[tag] = DataElement(tag, "DA", f"{day:%Y%m%d}")
        sheet.plant("F dates", (tag,), f"{day:%Y%m%d}", only_here=True)
        sheet.keep_moved("F dates", (tag,), day)
    tail = draw.choice(["", "10", "101530", "101530.123456", "101530+0200"])
    tag = draw.choice(MOMENTS)
    dataset[tag] = DataElement(tag, "DT", f"{day:%Y%m%d}{tail}")
    sheet.plant("F dates", (tag,), f"{day:%Y%m%d}", only_here=True)
    sheet.keep_moved("F dates", (tag,), day, MOVED + tail)
    dataset[0x00181200] = DataElement(0x00181200, "DA", [f"{day:%Y%m%d}", f"{day:%Y%m%d}"])
    sheet.plant("F dates", (0x00181200,), f"{day:%Y%m%d}", only_here=True)
    sheet.keep_moved("F dates", (0x00181200,), day, f"{MOVED}\\{MOVED}")
    drug = dataset_of(
        RadiopharmaceuticalStartDateTime=f"{day:%Y%m%d}091500.00",
        RadiopharmaceuticalStartTime="091500.00",
        RadionuclideTotalDose="370000000",
    )
    if "RadiopharmaceuticalInformationSequence" in dataset:
        dataset.RadiopharmaceuticalInformationSequence = Sequence([drug])
        way = (0x00540016, 0, 0x00181078)
        sheet.plant("F dates", way, f"{day:%Y%m%d}", only_here=True)
        sheet.keep_moved("F dates", way, day, f"{MOVED}091500.00")
        sheet.keep("F dates", (0x00540016, 0, 0x00181072), "091500.00")


def plant_dates_in_texts(sheet: Sheet) -> None:
    """Dates as people write them, in a comment of some sentences."""
    person, draw = sheet.person, sheet.draw
    day = person.examined - timedelta(draw.randrange(900))
    form = draw.choice(birth_forms(day)[:8])
    first, second = draw.sample(CLINICAL, 2)
    tag = draw.choice(TEXTS)
    text = f"{first}. Sist undersøkt {form}. {second}."
    sheet.dataset[tag] = DataElement(tag, "LT", sheet.letters(text))
    sheet.plant("F texts", (tag,), form, only_here=True)
    sheet.keep("F texts", (tag,), *first.split(), *second.split())
