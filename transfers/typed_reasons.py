"""A reason that names the patient is refused: it stays with the project, in clear, for good.

Who decides about a finding has the patient's name before them, and the reason is read by people who
may not see it. What is looked for is what the catalogue knows of the study: words of the name, the
birth date and the identifiers as people write them, and whatever is a Norwegian identity number.
"""

import re

from django.core.exceptions import ValidationError

from deidentify.names import spelled
from deidentify.norwegian import NUMBER, is_identity_number
from deidentify.written_forms import birth_forms, identifiers
from intake.models import Study

LETTERS_OF_A_NAME = 4
WORD = re.compile(r"[^\W\d_]+")


def refuse_identity(reason: str, study: Study | None) -> None:
    """Raise ValidationError, which repeats nothing, if a reason says who the patient is.

    Args:
        reason: as it was typed.
        study: in quarantine; None once that has let go of it.
    """
    if any(is_identity_number(_digits(found[0])) for found in NUMBER.finditer(reason)):
        raise ValidationError(_sentence("an identity number"))
    if study is None:
        return
    folded = reason.casefold()
    names = {
        form
        for word in WORD.findall(study.patient_name.casefold())
        if len(word) >= LETTERS_OF_A_NAME
        for spelling in spelled(word)
        for form in (spelling.casefold(), f"{spelling.casefold()}s")
    }
    if names & set(WORD.findall(folded)):
        raise ValidationError(_sentence("a name of this patient"))
    if any(_stands_in(form, folded) for form in birth_forms(study.patient_birth_date)):
        raise ValidationError(_sentence("this patient's birth date"))
    for value in (study.patient.patient_id, study.accession_number):
        if any(_stands_in(form, folded) for form in identifiers(value) | {value}):
            raise ValidationError(_sentence("an identifier of this patient or examination"))


def _stands_in(form: str, folded: str) -> bool:
    """Tell whether an identifier of at least four signs, with a digit, stands there by itself."""
    form = form.casefold().strip()
    if len(form) < LETTERS_OF_A_NAME or not any(sign.isdigit() for sign in form):
        return False
    return re.search(rf"(?<!\w){re.escape(form)}(?!\w)", folded) is not None


def _digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit())


def _sentence(what: str) -> str:
    return (
        f"The reason holds {what}. It is read by people who may not know who this is: say it "
        "without."
    )
