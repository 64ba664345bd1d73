"""Objects that are no images, built in code: annotations, selections, documents."""

from collections.abc import Callable

from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from rdma.selftest.planting.synthetic import STORAGE, base, code, dataset_of


def presentation_state(number: int) -> Dataset:
    """Grayscale softcopy presentation state with text annotations."""
    made = base("11.1", "PR")
    made.ContentLabel, made.ContentDescription = "ANNOTATED", "measured"
    made.PresentationCreationDate, made.PresentationCreationTime = "20200101", "120000"
    made.ReferencedSeriesSequence = Sequence(
        [
            dataset_of(
                SeriesInstanceUID="1.2.3.2",
                ReferencedImageSequence=Sequence(
                    [
                        dataset_of(
                            ReferencedSOPClassUID=f"{STORAGE}.4",
                            ReferencedSOPInstanceUID=f"1.2.3.{number}",
                        )
                    ]
                ),
            )
        ]
    )
    made.GraphicLayerSequence = Sequence(
        [dataset_of(GraphicLayer="LAYER1", GraphicLayerOrder=1, GraphicLayerDescription="notes")]
    )
    text = dataset_of(
        AnchorPointAnnotationUnits="PIXEL",
        UnformattedTextValue="left kidney 5 cm",
        AnchorPoint=[10.0, 12.0],
        AnchorPointVisibility="Y",
    )
    line = dataset_of(
        GraphicAnnotationUnits="PIXEL",
        GraphicDimensions=2,
        NumberOfGraphicPoints=2,
        GraphicData=[1.0, 2.0, 3.0, 4.0],
        GraphicType="POLYLINE",
        GraphicFilled="N",
    )
    made.GraphicAnnotationSequence = Sequence(
        [
            dataset_of(
                GraphicLayer="LAYER1",
                TextObjectSequence=Sequence([text]),
                GraphicObjectSequence=Sequence([line]),
            )
        ]
    )
    return made


def key_objects(number: int) -> Dataset:
    """Key object selection that points at one image."""
    made = base("88.59", "KO")
    made.ValueType = "CONTAINER"
    made.ContinuityOfContent = "SEPARATE"
    made.ConceptNameCodeSequence = Sequence([code("113000", "DCM", "Of Interest")])
    image = dataset_of(
        RelationshipType="CONTAINS",
        ValueType="IMAGE",
        ReferencedSOPSequence=Sequence(
            [
                dataset_of(
                    ReferencedSOPClassUID=f"{STORAGE}.4",
                    ReferencedSOPInstanceUID=f"1.2.3.{number}",
                )
            ]
        ),
    )
    note = dataset_of(
        RelationshipType="CONTAINS",
        ValueType="TEXT",
        ConceptNameCodeSequence=Sequence([code("113012", "DCM", "Key Object Description")]),
        TextValue="see slice 14",
    )
    made.ContentSequence = Sequence([note, image])
    made.CurrentRequestedProcedureEvidenceSequence = Sequence(
        [
            dataset_of(
                StudyInstanceUID="1.2.3.1",
                ReferencedSeriesSequence=Sequence(
                    [
                        dataset_of(
                            SeriesInstanceUID="1.2.3.2",
                            ReferencedSOPSequence=Sequence(
                                [
                                    dataset_of(
                                        ReferencedSOPClassUID=f"{STORAGE}.4",
                                        ReferencedSOPInstanceUID=f"1.2.3.{number}",
                                    )
                                ]
                            ),
                        )
                    ]
                ),
            )
        ]
    )
    return made


def pdf(_number: int) -> Dataset:
    """A report as PDF; its text is in no attribute."""
    made = base("104.1", "DOC")
    made.ConversionType, made.BurnedInAnnotation = "WSD", "YES"
    made.DocumentTitle, made.MIMETypeOfEncapsulatedDocument = "Report", "application/pdf"
    made.EncapsulatedDocument = b"%PDF-1.4\n1 0 obj << /Title (Report) >> endobj\n%%EOF\n"
    made.ConceptNameCodeSequence = Sequence([code("18748-4", "LN", "Diagnostic imaging report")])
    return made


def clinical_document(number: int) -> Dataset:
    """A clinical document (CDA) in its envelope."""
    made = pdf(number)
    made.SOPClassUID = f"{STORAGE}.104.2"
    made.MIMETypeOfEncapsulatedDocument = "text/XML"
    made.EncapsulatedDocument = b"<ClinicalDocument><title>Report</title></ClinicalDocument> "
    return made


OBJECTS: dict[str, Callable[[int], Dataset]] = {
    "presentation-state": presentation_state,
    "key-objects": key_objects,
    "encapsulated-pdf": pdf,
    "encapsulated-cda": clinical_document,
}
