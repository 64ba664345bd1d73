"""Every verb of the audit: what kind of doing it is, and how it is said in a sentence.

A template follows a name: "Kari Moen" + "released {instances|instance} of {thing}". `{thing}` is
what the event is about; any other name in braces is a fact, and one with a bar is a count and its
noun. A test walks every call of `AuditEvent.record` and fails for a verb that is not here.
"""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What an auditor asks for first."""

    LOOK = "look"
    CHANGE = "change"
    TAKE = "take"
    ACCESS = "access"
    SIGN_IN = "sign-in"
    HOUSE = "house"


KINDS = {
    Kind.LOOK: "Looks at data that is hidden",
    Kind.CHANGE: "Changes and decisions",
    Kind.TAKE: "Downloads and deliveries",
    Kind.ACCESS: "Rights, keys and tokens",
    Kind.SIGN_IN: "Signing in and out",
    Kind.HOUSE: "What the program did by itself",
}


class Said(NamedTuple):
    """One verb: its kind, and its template."""

    kind: Kind
    text: str


_L, _C, _T, _A, _S, _H = Kind

VERBS: dict[str, Said] = {
    # looks
    "listed_studies": Said(_L, "was shown a list of studies in quarantine ({studies|study})"),
    "opened_study": Said(_L, "opened {thing} in quarantine"),
    "looked_up": Said(_L, "looked for a study by an exact identifier ({studies|study} found)"),
    "looked": Said(_L, "looked at what was found in {thing} (finding {finding})"),
    "opened_picture": Said(_L, "opened a picture of {thing} (image {image})"),
    "opened_thumbnails": Said(_L, "was shown small pictures of {thing}"),
    "explained": Said(_L, "had an image of {thing} explained (image {image})"),
    "showed_values": Said(_L, "was shown hidden values of {thing}"),
    "searched_values": Said(_L, "searched the values of {thing}"),
    "listed_values": Said(_L, "was shown hidden values of all of {thing}"),
    "showed_finding": Said(_L, "looked at where something was found in {thing}"),
    "previewed_persons": Said(_L, "was shown what a package of {thing} would say of persons"),
    "showed_reason": Said(_L, "read the reason that stands beside {thing}"),
    "showed_password": Said(_L, "looked at the password of {thing}"),
    "link_code_shown": Said(_L, "looked at the code of a link to {thing}"),
    # what leaves
    "exported_audit": Said(_T, "took the audit along as {form}"),
    "downloaded": Said(_T, "downloaded {thing}"),
    "downloaded_inventory": Said(_T, "downloaded the inventory of {thing} as {form}"),
    "downloaded_values": Said(_T, "downloaded the values of {thing} as {form}"),
    "downloaded_verdicts": Said(_T, "downloaded the verdicts of {thing} as {form}"),
    "downloaded_record": Said(_T, "downloaded the record of {thing} as {form}"),
    "downloaded_sign_off": Said(_T, "downloaded {thing} as {form}"),
    "downloaded_specification": Said(_T, "downloaded {thing}"),
    "link_made": Said(_T, "made a link to {thing}"),
    "link_used": Said(_T, "opened a link to {thing}"),
    "link_refused": Said(_T, "typed a wrong code for a link to {thing}"),
    "link_revoked": Said(_T, "took back a link to {thing}"),
    "deliver": Said(_T, "had {thing} delivered"),
    "delivered": Said(_T, "delivered {thing}, and the destination confirmed it"),
    "delivery_cancelled": Said(_T, "stopped a delivery of {thing}"),
    "delivery_failed": Said(_T, "ended a delivery of {thing} that could not succeed"),
    "revoked": Said(_T, "took {thing} back"),
    # changes
    "created": Said(_C, "made {thing}"),
    "changed": Said(_C, "changed {thing}"),
    "added": Said(_C, "added {thing}"),
    "deleted": Said(_C, "deleted {thing}"),
    "added_site": Said(_C, "added the site with number {code}"),
    "added_event": Said(_C, "added {thing}"),
    "imported_folder": Said(_C, "brought a folder as {thing} ({files|file})"),
    "began_upload": Said(_C, "began {thing}"),
    "closed_upload": Said(_C, "ended {thing}"),
    "requested": Said(_C, "asked for {thing}"),
    "cancelled": Said(_C, "cancelled {thing}"),
    "retried": Said(_C, "tried {thing} again"),
    "reran": Said(_C, "had {thing} de-identified again"),
    "moved": Said(_C, "moved {thing} to another participant (transfer {to})"),
    "released": Said(_C, "released {instances|instance} of {thing}"),
    "proposed_release": Said(_C, "released {instances|instance} of {thing} as the first of two"),
    "confirmed_release": Said(_C, "confirmed a release of {thing} as the second person"),
    "withdrew_release": Said(_C, "took back a release of {thing}"),
    "rejected": Said(_C, "rejected {instances|instance} of {thing}"),
    "rejected_series": Said(_C, "rejected a series of {thing} ({instances|instance})"),
    "passed_pictures": Said(_C, "passed pictures of {thing}"),
    "rejected_pictures": Said(_C, "rejected pictures of {thing}"),
    "finished": Said(_C, "finished {thing}"),
    "made_rule": Said(_C, "made {thing}"),
    "withdrew_rule": Said(_C, "withdrew {thing}"),
    "proposed_rule": Said(_C, "proposed a rule: {thing}"),
    "declined_rule": Said(_C, "declined {thing}"),
    "changed_plan": Said(_C, "changed the plan of the project (version {plan})"),
    "rolled_back": Said(_C, "took the plan back to version {to} (now version {plan})"),
    "judged": Said(_C, "gave {thing}"),
    "confirmed_verdict": Said(_C, "confirmed {thing} as the second person"),
    "signed_off": Said(_C, "signed off the project: {thing}"),
    "confirmed_sign_off": Said(_C, "confirmed {thing} as the second person"),
    "saved_view": Said(_C, "kept {thing}"),
    "changed_view": Said(_C, "changed {thing}"),
    "deleted_view": Said(_C, "deleted {thing}"),
    "began_check": Said(_C, "began {thing}"),
    "closed_check": Said(_C, "sent all files of {thing} ({files|file})"),
    "deleted_check": Said(_C, "deleted {thing}"),
    "took": Said(_C, "took over another project's specification as {thing}"),
    "saved_version": Said(_C, "saved version {number} of {thing}"),
    "offered_version": Said(_C, "offered version {number} of {thing} to other projects"),
    "withdrew_version": Said(_C, "no longer offers version {number} of {thing}"),
    "mapped": Said(_C, "saved {thing} with {rows|row}"),
    "brought": Said(_C, "brought {thing} with {rows|row}"),
    # rights, keys, tokens
    "made_token": Said(_A, "made {thing} with the scopes {scope}"),
    "revoked_token": Said(_A, "revoked {thing}"),
    "revoked_leaked_token": Said(_A, "revoked {thing}, which stood in an address"),
    "made_service_account": Said(_A, "made the service account {thing} as {role}"),
    "ended_service_account": Said(_A, "ended the service account {thing} and its tokens"),
    "set_member": Said(_A, "made {user@person} {role} of the project"),
    "removed_member": Said(_A, "took {user@person} out of the project"),
    "opened_access_review": Said(_A, "opened a review of access"),
    "confirmed_access": Said(_A, "answered for {user@person}, {role}, in a review: {answer}"),
    "ended_access_review": Said(_A, "ended a review of access ({people|person} answered for)"),
    "exported_access": Said(_T, "took along a table of who has access"),
    "set_hospital_role": Said(_A, "gave {thing} the hospital role {hospital_role}"),
    "set_superuser": Said(_A, "changed whether {thing} runs the portal"),
    "set_active": Said(_A, "changed whether {thing} may sign in"),
    "mapped_group": Said(_A, "let a group of the directory give {role} ({thing})"),
    "unmapped_group": Said(_A, "took {role} from a group of the directory ({thing})"),
    "directory_forgot_entry": Said(_A, "let the next entry of that name have {thing}"),
    "rotated_master_key": Said(_A, "wrapped {keys|key} anew under another master key"),
    "rotated_project_key": Said(_A, "wrapped {keys|key} of {thing} anew"),
    "shared_master_key": Said(_A, "wrote the master key as shares for escrow"),
    "outside_links": Said(_A, "decided whether {thing} may give links to people without account"),
    # signing in
    "signed_in": Said(_S, "signed in"),
    "signed_in_locally": Said(_S, "signed in with an account beside the directory"),
    "signed_out": Said(_S, "signed out"),
    "sign_in_failed": Said(_S, "tried to sign in as {thing} and was refused"),
    "locked_out": Said(_S, "was locked out after too many tries to sign in as {thing}"),
    "changed_password": Said(_S, "changed the password of {thing}"),
    # the program
    "recorded": Said(_H, "wrote record {number} of {thing}"),
    "expired": Said(_H, "deleted what {thing} held, as its time was over"),
    "pruned": Said(_H, "dropped {events|event} of the audit that were kept long enough"),
    "forgot_addresses": Said(_H, "forgot {addresses|address} that events came from long ago"),
    "directory_made_person": Said(_H, "made an account for {thing}, as the directory has them"),
    "directory_changed_person": Said(_H, "took over what the directory says of {thing}"),
    "directory_set_member": Said(_A, "made {user@person} {role} of the project, by their group"),
    "directory_removed_member": Said(_A, "took {user@person} out: no group gives it any more"),
    "directory_set_hospital_role": Said(_A, "gave {thing} the hospital role {hospital_role}"),
    "directory_closed": Said(_A, "closed the account of {thing}, as the directory did ({because})"),
    "directory_opened": Said(_A, "opened the account of {thing}, as the directory did"),
    "directory_name_taken": Said(_H, "refused somebody of the directory, for {thing} has the name"),
    "directory_renewed": Said(_H, "compared {people|person} with the directory, closed {closed}"),
    "directory_renewal_failed": Said(_H, "could not rely on the directory; nothing was changed"),
    "self_tested": Said(_H, "tested itself: {thing}"),
}
