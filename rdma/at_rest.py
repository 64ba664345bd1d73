"""What every column of the database holds, and that nothing identified lies there in clear.

The table is total: a column that can hold a text, a date or bytes and is not in it fails
`manage.py check`, so that whoever adds one decides. Numbers, moments, yes or no, references and
closed vocabularies say nothing of a patient by themselves and need no line.
"""

from collections.abc import Iterator
from enum import StrEnum

from django.apps import apps
from django.db import models

from projects.encryption import BlindIndexField, EncryptedTextField


class Kind(StrEnum):
    """What a column holds, and how it must lie."""

    IDENTIFIED = "of a patient, or as confidential: encrypted, or an index under a key"
    TYPED = "typed by people, who are told to name no patient: in clear (docs/adr/0046)"
    PSEUDONYMOUS = "of a participant, after de-identification: in clear"
    ACCOUNT = "of people who sign in, and of machines: in clear"
    KEYED = "a key that is wrapped, or a digest: of no use by itself"
    TECHNICAL = "of the program, of protocols, or of a project as a whole: in clear"


COLUMNS: dict[Kind, dict[str, str]] = {
    Kind.IDENTIFIED: {
        "projects.auditplace": "address address_index",
        "projects.auditreason": "text",
        "projects.keptanswer": "body",
        "intake.patient": "issuer patient_id patient_id_index identity",
        "intake.study": (
            "study_instance_uid study_uid_index accession_number accession_index "
            "patient_name patient_birth_date patient_sex study_date study_time "
            "study_description institution_name station_name"
        ),
        "intake.series": (
            "series_instance_uid series_uid_index series_description protocol_name "
            "manufacturer manufacturer_model_name body_part_examined image_type"
        ),
        "intake.instance": "sop_instance_uid sop_uid_index",
        "intake.rejection": "name",
        "transfers.searchtermstore": "terms",
        "transfers.agreementstore": "told",
        "review.checkelement": "facts",
        "review.checkfinding": "facts",
        "exports.packagedestination": "secret",
        "exports.packagefinding": "detail",
        "exports.downloadlink": "recipient",
        "exports.participantrow": "cells",
    },
    Kind.TYPED: {
        "transfers.planversion": "reason",
        "transfers.projectrule": "reason withdrawn_reason",
        "transfers.ruleproposal": "reason decided_reason",
        "transfers.run": "reason",
        "transfers.outcome": "reason",
        "transfers.delivery": "reason",
        "transfers.finding": "verdict_reason",
        "transfers.rejectedseries": "reason",
        "transfers.renewal": "reason",
        "review.check": "reason",
        "review.packageinventory": "reason",
        "review.signoff": "note",
        "review.researchstudy": "reason",
        "review.verdict": "reason",
        "exports.specificationversion": "why",
        "exports.package": "reason",
        "exports.delivery": "reason",
        "exports.packagefinding": "verdict_reason",
        "exports.bidsmapping": "reason",
    },
    Kind.PSEUDONYMOUS: {
        "projects.participant": "pseudonym",
        "intake.storagecommitment": "committed failed",
        "transfers.planversion": "rules",
        "transfers.projectrule": "element value values",
        "transfers.ruleproposal": "element value values",
        "transfers.storedplan": "data",
        "transfers.outcome": "study_instance_uid series_instance_uid sop_instance_uid",
        "transfers.searchtermstore": "dropped",
        "transfers.chore": "study_instance_uid",
        "transfers.ledgerentry": "study_instance_uid sop_instance_uid",
        "transfers.difference": "elements",
        "transfers.finding": "path source_path sentence",
        "transfers.picture": "obstacle",
        "transfers.outputlist": "packed",
        "transfers.transferrecord": "text",
        "review.value": "text",
        "review.origin": "manufacturer manufacturer_model_name device_serial_number",
        "review.packageinventory": "file_name",
        "review.packagevalue": "text example",
        "review.packageremark": "place sentence",
        "review.signoff": "text exceptions",
        "review.researchstudy": "study_instance_uid study_date study_description",
        "review.researchseries": (
            "series_instance_uid manufacturer manufacturer_model_name series_description"
        ),
        "review.verdict": "pattern",
        "review.savedview": "choices",
        "exports.specificationversion": "content",
        "exports.package": "specification contents",
        "exports.packagefinding": "place sentence",
        "exports.bidsmapping": "rows",
        "exports.participanttable": "name columns",
    },
    Kind.ACCOUNT: {
        "projects.user": "username first_name last_name email",
        "projects.directorygroup": "key dn",
        "projects.directoryperson": "entry_id dn",
        "projects.directoryrenewal": "sentences",
        "projects.token": "name",
        "projects.requestcount": "who",
        "exports.packagedestination": "account",
        "admin.logentry": "object_repr",
        "axes.accessfailurelog": "user_agent ip_address",
        "axes.accessattempt": "user_agent ip_address",
        "axes.accesslog": "user_agent ip_address username",
    },
    Kind.KEYED: {
        "projects.datakey": "wrapped_key",
        "projects.user": "password",
        "projects.project": "wrapped_key wrapped_root",
        "projects.participant": "wrapped_secret",
        "projects.auditseal": "previous digest mac",
        "projects.auditpruning": "mac",
        "projects.token": "digest last_used_from",
        "intake.instance": "digest",
        "transfers.planversion": "digest",
        "transfers.storedplan": "digest",
        "transfers.run": "plan_digest key_id",
        "transfers.outcome": "digest",
        "transfers.ledgerentry": "digest",
        "transfers.finding": "fingerprint",
        "transfers.outputlist": "digest",
        "transfers.transferrecord": "digest",
        "review.element": "digest",
        "review.value": "digest",
        "review.origin": "digest",
        "review.packageelement": "digest",
        "review.packagevalue": "digest",
        "review.signoff": "digest",
        "review.knownelement": "digest",
        "review.verdict": "value_digest",
        "review.judgedvalue": "value_digest",
        "exports.specificationversion": "digest",
        "exports.package": "sha256 wrapped_secret",
        "exports.packagedestination": "host_key",
        "exports.packagefinding": "fingerprint",
        "exports.examination": "directory_digest",
        "exports.downloadlink": "token_digest",
        "exports.bidsmapping": "digest",
        "rdma.selftest": "program_digest",
        "sessions.session": "session_key",
        "axes.accesslog": "session_hash",
        "axes.accessfailurelog": "username",
        "axes.accessattempt": "username",
        "projects.auditevent": "why address",
    },
    Kind.TECHNICAL: {
        "projects.datakey": "name",
        "projects.membership": "until",
        "projects.project": (
            "acronym number title approval_number approval_start approval_end "
            "participant_pattern participant_regex ae_title"
        ),
        "projects.site": "name",
        "projects.event": "name",
        "projects.accessreview": "due_on",
        "projects.accessanswer": "role new_role",
        "projects.auditplace": "last_seen",
        "projects.auditrelay": "target problem",
        "projects.auditevent": "verb object_type facts through",
        "projects.auditseal": "covers waits leaves digests",
        "projects.auditcheck": "sentences",
        "projects.token": "ending scope",
        "projects.keptanswer": "route key request media_type",
        "intake.study": "calling_ae_title called_ae_title peer_address",
        "intake.series": "modality sop_class_uid calling_ae_title called_ae_title peer_address",
        "intake.instance": "sop_class_uid transfer_syntax_uid key",
        "intake.arrival": "calling_ae_title called_ae_title peer_address dropped unpacked",
        "intake.rejection": "key calling_ae_title called_ae_title peer_address",
        "intake.storagecommitment": "transaction_uid ae_title",
        "transfers.planversion": "profile options",
        "transfers.projectrule": "action others",
        "transfers.ruleproposal": "action others",
        "transfers.run": "limits program_version changes",
        "transfers.outcome": "key sop_class_uid transfer_syntax_uid",
        "transfers.destination": "name ae_title host web_url web_credentials_file qido_url",
        "transfers.ledgerentry": "sop_class_uid",
        "transfers.transferrequest": "requested_on",
        "transfers.finding": "kind sure",
        "review.check": "profile",
        "review.checkelement": "kind",
        "review.checkfinding": "code",
        "review.element": "path tag keyword vr creator risk_reasons",
        "review.value": "looks",
        "review.origin": "modality",
        "review.elementuse": "vr",
        "review.elementdecision": "action row",
        "review.elementlook": "looks",
        "review.packageinventory": "key",
        "review.packageelement": "kind path risk_reasons",
        "review.packagevalue": "looks",
        "review.researchstudy": "run_state",
        "review.researchseries": "modality sop_class_uid content",
        "review.serieselement": "vr",
        "review.knownelement": "path keyword",
        "review.verdict": "handling",
        "review.judgedhandling": "action row",
        "review.savedview": "name",
        "exports.specificationsheet": "name",
        "exports.package": "key",
        "exports.packagedestination": "name host place region",
        "exports.delivery": "remote_id",
        "exports.packagefinding": "kind sure",
        "rdma.selftest": "program_version report",
        "admin.logentry": "object_id change_message",
        "auth.permission": "name codename",
        "auth.group": "name",
        "contenttypes.contenttype": "app_label model",
        "sessions.session": "session_data",
        "axes.accessfailurelog": "http_accept path_info",
        "axes.accessattempt": "http_accept path_info get_data post_data",
        "axes.accesslog": "http_accept path_info",
    },
}

PLAIN = (
    models.AutoField,
    models.BigAutoField,
    models.BooleanField,
    models.DateTimeField,
    models.DurationField,
    models.ForeignKey,
    models.IntegerField,
    models.UUIDField,
)


def kinds() -> dict[str, Kind]:
    """Return the kind of each column that has a line, by `app.model.column`."""
    return {
        f"{model}.{column}": kind
        for kind, lines in COLUMNS.items()
        for model, columns in lines.items()
        for column in columns.split()
    }


def columns() -> Iterator[tuple[str, models.Field]]:
    """Return the columns of all models that need a line, with their names."""
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.local_concrete_fields:
            if not isinstance(field, PLAIN) and not field.choices:
                yield f"{model._meta.label_lower}.{field.name}", field


def problems() -> list[str]:
    """Return, in sentences, what is not placed, what is placed twice, and what lies in clear."""
    placed, found = kinds(), dict(columns())
    lines = sum(len(names.split()) for part in COLUMNS.values() for names in part.values())
    said = [
        f"{name} has no line in rdma/at_rest.py: say what the column holds."
        for name in sorted(found.keys() - placed.keys())
    ]
    said += [
        f"rdma/at_rest.py names {name}, which no model has."
        for name in sorted(placed.keys() - found.keys())
    ]
    if lines != len(placed):
        said.append("rdma/at_rest.py names a column twice.")
    for name, field in found.items():
        is_closed = isinstance(field, EncryptedTextField | BlindIndexField)
        if placed.get(name) == Kind.IDENTIFIED and not is_closed:
            said.append(f"{name} is identified and lies in clear: make it an EncryptedTextField.")
        if is_closed and placed.get(name, Kind.IDENTIFIED) != Kind.IDENTIFIED:
            said.append(f"{name} is encrypted and not called identified in rdma/at_rest.py.")
    return said
