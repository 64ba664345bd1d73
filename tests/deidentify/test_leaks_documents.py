"""A document is searched in its pages and behind them; one that cannot be read is no clean one."""

import io

import pytest
from PIL import Image
from pypdf import PdfWriter
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from tests.deidentify.leak_cases import Case, clean_dataset

DOCUMENT = "(0042,0011)"


@pytest.fixture
def case(tmp_path):
    return Case(tmp_path)


def page(*lines, title=""):
    file = io.BytesIO()
    canvas = Canvas(file, pageCompression=1)
    canvas.setTitle(title)
    for number, line in enumerate(lines):
        canvas.drawString(72, 700 - 20 * number, line)
    canvas.save()
    return file.getvalue()


def picture_of_text():
    file = io.BytesIO()
    canvas = Canvas(file)
    canvas.drawImage(ImageReader(Image.new("L", (40, 20), 128)), 72, 700)
    canvas.save()
    return file.getvalue()


def locked():
    writer = PdfWriter(clone_from=io.BytesIO(page("nothing")))
    writer.encrypt("a password", algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def attached(content):
    writer = PdfWriter(clone_from=io.BytesIO(page("nothing")))
    writer.add_attachment("notes.txt", content)
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def with_document(content):
    made = clean_dataset()
    made.MIMETypeOfEncapsulatedDocument = "application/pdf"
    made.EncapsulatedDocument = content + b"\0" * (len(content) % 2)
    return made


def kinds(findings):
    return {(finding.kind, finding.path) for finding in findings}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (page("Undersøkelse av Åse Marie Bjørnstad"), "name"),
        (page("f. 15.03.1972"), "birth_date"),
        (page("henv. lege Kvamsdal"), "physician"),
        (page("nothing", title="Bjørnstad, Åse"), "name"),
        (attached("svar på prøve av Bjørnstad".encode()), "name"),
    ],
)
def test_what_a_document_says_is_found(case, content, kind):
    findings = case.examine(with_document(content))

    assert (kind, DOCUMENT) in kinds(findings)


def test_a_document_that_names_nobody_is_clean(case):
    assert case.examine(with_document(page("T1 MPRAGE, 3 T, uten kontrast"))) == []


@pytest.mark.parametrize(
    "content", [locked(), picture_of_text(), b"%PDF-1.7\nno more than that" + bytes(60)]
)
def test_a_document_that_cannot_be_read_is_said(case, content):
    findings = case.examine(with_document(content))

    assert kinds(findings) == {("unreadable", DOCUMENT)}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_names_in_xml_are_found_whatever_its_encoding(case, encoding):
    text = (
        f'<?xml version="1.0" encoding="{encoding}"?><ClinicalDocument><name>'
        "<given>Åse Marie</given><family>Bj&#248;rnstad</family></name></ClinicalDocument>"
    )

    findings = case.examine(with_document(text.encode(encoding)))

    assert ("name", DOCUMENT) in kinds(findings)
