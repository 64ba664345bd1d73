"""A report and a key object selection of an invented patient, whose texts say who it is."""

from collections.abc import Sequence as Several

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from tests.deidentify.samples import brain

KEY_OBJECTS = "1.2.840.10008.5.1.4.1.1.88.59"
COMPREHENSIVE_SR = "1.2.840.10008.5.1.4.1.1.88.33"
NAME = "Bjørnstad^Åse Marie"


def item(**elements: object) -> Dataset:
    made = Dataset()
    for keyword, value in elements.items():
        setattr(
            made,
            keyword,
            Sequence(value)
            if isinstance(value, list) and value and isinstance(value[0], Dataset)
            else value,
        )
    return made


def code(value: str, scheme: str, meaning: str) -> Dataset:
    return item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def reference(to: Dataset) -> Dataset:
    return item(ReferencedSOPClassUID=to.SOPClassUID, ReferencedSOPInstanceUID=to.SOPInstanceUID)


def beside(sop_class: str, number: int, modality: str, **elements: object) -> Dataset:
    """An object of the same study that is no image."""
    made = brain(
        SOPClassUID=sop_class,
        SOPInstanceUID=f"1.2.3.4.{number}.1",
        SeriesInstanceUID=f"1.2.3.4.{number}",
        Modality=modality,
        SeriesDate="20240312",
        ContentDate="20240312",
        ContentTime="111213",
        SeriesNumber=number,
    )
    for keyword in (
        "ImageType", "SamplesPerPixel", "PhotometricInterpretation", "Rows", "Columns",
        "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation", "PixelData",
    ):  # fmt: skip
        delattr(made, keyword)
    for keyword, value in elements.items():
        setattr(made, keyword, value)
    return made


def content(
    value_type: str, concept: Dataset | None, relationship: str = "CONTAINS", **elements: object
) -> Dataset:
    made = item(RelationshipType=relationship, ValueType=value_type, **elements)
    if concept is not None:
        made.ConceptNameCodeSequence = Sequence([concept])
    return made


def evidence(*instances: Dataset) -> list[Dataset]:
    series: dict[str, list[Dataset]] = {}
    for one in instances:
        series.setdefault(one.SeriesInstanceUID, []).append(reference(one))
    return [
        item(
            StudyInstanceUID=instances[0].StudyInstanceUID,
            ReferencedSeriesSequence=[
                item(SeriesInstanceUID=uid, ReferencedSOPSequence=found)
                for uid, found in series.items()
            ],
        )
    ]


def key_objects(images: Several[Dataset]) -> Dataset:
    made = beside(KEY_OBJECTS, 21, "KO")
    made.ReferencedPerformedProcedureStepSequence = Sequence()
    made.ValueType = "CONTAINER"
    made.ConceptNameCodeSequence = Sequence([code("113000", "DCM", "Of Interest")])
    made.ContinuityOfContent = "SEPARATE"
    made.ContentTemplateSequence = Sequence(
        [item(MappingResource="DCMR", TemplateIdentifier="2010")]
    )
    made.CurrentRequestedProcedureEvidenceSequence = Sequence(evidence(*images))
    made.ContentSequence = Sequence(
        [
            content(
                "TEXT",
                code("113012", "DCM", "Key Object Description"),
                TextValue="Bjørnstad, Åse: venstre kne, f. 13.03.1960",
            ),
            *(content("IMAGE", None, ReferencedSOPSequence=[reference(one)]) for one in images),
        ]
    )
    return made


def report(images: Several[Dataset], more: Several[Dataset] = ()) -> Dataset:
    made = beside(COMPREHENSIVE_SR, 22, "SR")
    made.ReferencedPerformedProcedureStepSequence = Sequence()
    made.PerformedProcedureCodeSequence = Sequence()
    made.CompletionFlag = "COMPLETE"
    made.VerificationFlag = "VERIFIED"
    made.VerifyingObserverSequence = Sequence(
        [
            item(
                VerifyingOrganization="Fjordheim sykehus",
                VerificationDateTime="20240313080000",
                VerifyingObserverName="Sørli^Torunn",
                VerifyingObserverIdentificationCodeSequence=[],
            )
        ]
    )
    made.AuthorObserverSequence = Sequence(
        [
            item(
                ObserverType="PSN",
                PersonName="Sørli^Torunn",
                PersonIdentificationCodeSequence=[code("4711", "99LOCAL", "Torunn Sørli")],
                InstitutionName="Fjordheim sykehus",
                InstitutionCodeSequence=[],
            )
        ]
    )
    made.CurrentRequestedProcedureEvidenceSequence = Sequence(evidence(*images, *more))
    made.ValueType = "CONTAINER"
    made.ConceptNameCodeSequence = Sequence([code("126000", "DCM", "Imaging Measurement Report")])
    made.ContinuityOfContent = "SEPARATE"
    made.ContentSequence = Sequence([*observers(), finding(images), *measurements(images)])
    return made


def observers() -> list[Dataset]:
    return [
        content(
            "CODE",
            code("121005", "DCM", "Observer Type"),
            "HAS OBS CONTEXT",
            ConceptCodeSequence=[code("121006", "DCM", "Person")],
        ),
        content(
            "PNAME",
            code("121008", "DCM", "Person Observer Name"),
            "HAS OBS CONTEXT",
            PersonName="Sørli^Torunn",
        ),
        content(
            "UIDREF",
            code("121012", "DCM", "Device Observer UID"),
            "HAS OBS CONTEXT",
            UID="1.2.3.4.77",
        ),
        content("PNAME", code("121029", "DCM", "Subject Name"), "HAS OBS CONTEXT", PersonName=NAME),
        content(
            "DATE",
            code("121031", "DCM", "Subject Birth Date"),
            "HAS OBS CONTEXT",
            Date="19600313",
        ),
    ]


def finding(images: Several[Dataset]) -> Dataset:
    return content(
        "CONTAINER",
        code("121070", "DCM", "Findings"),
        ContinuityOfContent="SEPARATE",
        ContentSequence=[
            content(
                "TEXT",
                code("121071", "DCM", "Finding"),
                TextValue="Åse Bjørnstad, 13836033390: 8 mm nodule in the left upper lobe,"
                " Hodgkin excluded. Henvist av Torunn Sørli 12.03.2024.",
                ContentSequence=[
                    content(
                        "IMAGE",
                        None,
                        "INFERRED FROM",
                        ReferencedSOPSequence=[reference(images[0])],
                    )
                ],
            ),
            content(
                "CODE",
                code("121071", "DCM", "Finding"),
                ConceptCodeSequence=[code("M-1", "99LOCAL", "Nodule of Bjørnstad, Åse")],
            ),
        ],
    )


def measurements(images: Several[Dataset]) -> list[Dataset]:
    return [
        content(
            "NUM",
            code("410668003", "SCT", "Length"),
            MeasuredValueSequence=[
                item(
                    NumericValue="8.25",
                    MeasurementUnitsCodeSequence=[code("mm", "UCUM", "millimeter")],
                )
            ],
            ContentSequence=[
                content(
                    "SCOORD",
                    None,
                    "INFERRED FROM",
                    GraphicType="POLYLINE",
                    GraphicData=[1.0, 1.0, 2.0, 3.5],
                    ContentSequence=[
                        content(
                            "IMAGE",
                            None,
                            "SELECTED FROM",
                            ReferencedSOPSequence=[reference(images[1])],
                        )
                    ],
                )
            ],
        ),
        content("DATETIME", code("111526", "DCM", "DateTime Started"), DateTime="20240312101500"),
        content("TIME", code("111527", "DCM", "Time Ended"), Time="101501"),
        content("UIDREF", code("112040", "DCM", "Tracking Unique Identifier"), UID="1.2.3.4.99"),
        content(
            "UIDREF",
            code("121435", "DCM", "Service Delivery Location"),
            UID="1.2.840.10008.5.1.4.1.1.2",
        ),
        content("TEXT", code("112039", "DCM", "Tracking Identifier"), TextValue="Bjornstad Aase"),
    ]
