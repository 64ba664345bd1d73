"""Cell H: content items, annotations on images, overlays and waveforms."""

from pydicom.dataelem import DataElement
from pydicom.sequence import Sequence

from rdma.selftest.planting.sheets import Sheet
from rdma.selftest.planting.synthetic import code, dataset_of
from rdma.selftest.planting.texts import written


def plant_content(sheet: Sheet) -> None:
    """Add a text, a person, a UID and a date to the tree of a report."""
    dataset, person = sheet.dataset, sheet.person
    if "ContentSequence" not in dataset:
        return
    text = written(person, sheet.draw, 400)
    uid = f"{person.root}.81.{sheet.draw.randrange(10**9)}"
    first = len(dataset.ContentSequence)
    name = code("121071", "DCM", "Finding")
    items = [
        dataset_of(
            RelationshipType="CONTAINS", ValueType="TEXT",
            ConceptNameCodeSequence=Sequence([name]), TextValue=sheet.letters(text.text),
        ),
        dataset_of(
            RelationshipType="HAS OBS CONTEXT", ValueType="PNAME",
            ConceptNameCodeSequence=Sequence([code("121008", "DCM", "Person Observer Name")]),
            PersonName=sheet.letters("^".join(person.operator)),
        ),
        dataset_of(
            RelationshipType="HAS OBS CONTEXT", ValueType="UIDREF",
            ConceptNameCodeSequence=Sequence([code("121012", "DCM", "Device Observer UID")]),
            UID=uid,
        ),
        dataset_of(
            RelationshipType="CONTAINS", ValueType="DATE",
            ConceptNameCodeSequence=Sequence([code("111060", "DCM", "Study Date")]),
            Date=f"{person.examined:%Y%m%d}",
        ),
    ]  # fmt: skip
    dataset.ContentSequence.extend(items)
    here = 0x0040A730
    sheet.plant("H content", (here, first, 0x0040A160), *map(sheet.letters, text.needles))
    sheet.keep("H content", (here, first, 0x0040A160), *text.kept)
    sheet.plant("H content", (here, first + 1, 0x0040A123), sheet.letters(person.operator[0]))
    sheet.plant("H content", (here, first + 2, 0x0040A124), uid)
    sheet.plant(
        "H content", (here, first + 3, 0x0040A121), f"{person.examined:%Y%m%d}", only_here=True
    )


def plant_graphics(sheet: Sheet) -> None:
    """Write on an image: text objects of a presentation state, labels of overlays."""
    dataset, person = sheet.dataset, sheet.person
    text = written(person, sheet.draw, 200)
    if "GraphicAnnotationSequence" in dataset:
        annotation = dataset.GraphicAnnotationSequence[0]
        annotation.TextObjectSequence[0].UnformattedTextValue = sheet.letters(text.text)
        sheet.plant(
            "H graphics", (0x00700001, 0, 0x00700008, 0, 0x00700006),
            *map(sheet.letters, text.needles),
        )  # fmt: skip
        dataset.ContentCreatorName = sheet.letters("^".join(person.operator))
        sheet.plant("H graphics", (0x00700084,), sheet.letters(person.operator[0]))
    elif sheet.draw.random() < 0.3 and "PixelData" in dataset:
        label = written(person, sheet.draw, 64)
        dataset[0x60001500] = DataElement(0x60001500, "LO", sheet.letters(label.text))
        sheet.plant("H graphics", (0x60001500,), *map(sheet.letters, label.needles))
        dataset[0x60004000] = DataElement(0x60004000, "LT", sheet.letters(text.text))
        sheet.plant("H graphics", (0x60004000,), *map(sheet.letters, text.needles))


def plant_document(sheet: Sheet) -> None:
    """Write the patient into the document that a file carries."""
    dataset, person = sheet.dataset, sheet.person
    if "EncapsulatedDocument" not in dataset:
        return
    name = f"{person.given} {person.family}, {person.fnr}".encode()
    document = dataset.EncapsulatedDocument.replace(b"Report", b"Report " + name)
    dataset.EncapsulatedDocument = document + b" " * (len(document) % 2)
    sheet.plant("I documents", (0x00420011,), person.family, person.fnr)
    dataset.DocumentTitle = sheet.letters(f"Epikrise {person.given} {person.family}")
    sheet.plant("I documents", (0x00420010,), sheet.letters(person.family))


def plant_waveform(sheet: Sheet) -> None:
    """Annotate a waveform and name its channels."""
    dataset, person = sheet.dataset, sheet.person
    if "WaveformSequence" not in dataset:
        return
    text = written(person, sheet.draw, 64)
    note = dataset_of(
        UnformattedTextValue=sheet.letters(text.text), AnnotationGroupNumber=1,
        ReferencedWaveformChannels=[1, 0],
    )  # fmt: skip
    dataset.WaveformAnnotationSequence = Sequence([note])
    sheet.plant("H waveform", (0x0040B020, 0, 0x00700006), *map(sheet.letters, text.needles))
    label = written(person, sheet.draw, 16)
    channel = dataset.WaveformSequence[0].ChannelDefinitionSequence[0]
    channel.ChannelLabel = sheet.letters(label.text)
    sheet.plant(
        "H waveform", (0x54000100, 0, 0x003A0200, 0, 0x003A0203),
        *map(sheet.letters, label.needles),
    )  # fmt: skip
