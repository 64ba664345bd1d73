"""The addresses of this room: pages and REST."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from transfers.api import DestinationViewSet, TransferViewSet
from transfers.record_api import RecordOutputsView, RecordProofView, RecordView
from transfers.views import (
    assigning,
    frames,
    held,
    looking,
    pixels,
    plans,
    project_plan,
    records,
    rules,
    transfers,
)

router = SimpleRouter(use_regex_path=False)
router.register("transfers", TransferViewSet, basename="api-transfer")
router.register("destinations", DestinationViewSet, basename="api-destination")

urlpatterns = [
    path("assign/", assigning.assign, name="assign"),
    path("assign/look-up/", assigning.assign_look_up, name="assign-look-up"),
    path("assign/<int:study_id>/", assigning.assign, name="assign-study"),
    path("assign/<int:study_id>/check/", assigning.assign_check, name="assign-check"),
    path("assign/<int:study_id>/request/", assigning.assign_request, name="assign-request"),
    path("transfers/", transfers.transfer_list, name="transfer-list"),
    path("transfers/held/", held.held, name="held"),
    path("transfers/pixels/", pixels.pixel_desk, name="pixel-desk"),
    path("transfers/pixels/<int:pk>/", pixels.picture, name="picture"),
    path("transfers/pixels/<int:pk>/seen/", pixels.picture_seen, name="picture-seen"),
    path("transfers/pixels/<int:pk>/decide/", pixels.picture_decide, name="picture-decide"),
    path(
        "transfers/pixels/<int:pk>/thumbnail/", frames.picture_thumbnail, name="picture-thumbnail"
    ),
    path(
        "transfers/pixels/<int:pk>/frames/<int:frame>/", frames.picture_frame, name="picture-frame"
    ),
    path("transfers/<int:pk>/", transfers.transfer_detail, name="transfer-detail"),
    path("transfers/<int:pk>/plan/", plans.transfer_plan, name="transfer-plan"),
    path(
        "transfers/<int:pk>/plan/<int:outcome>/",
        plans.instance_explained,
        name="instance-explained",
    ),
    path("transfers/<int:pk>/record/", records.record_part, name="record-part"),
    path("transfers/<int:pk>/record.pdf", records.record_page, name="record-page"),
    path("transfers/<int:pk>/record.json", records.record_text, name="record-text"),
    path("transfers/<int:pk>/record.sha256", records.record_outputs, name="record-outputs"),
    path("transfers/<int:pk>/cancel/", transfers.transfer_cancel, name="transfer-cancel"),
    path("transfers/<int:pk>/retry/", transfers.transfer_retry, name="transfer-retry"),
    path("transfers/<int:pk>/rerun/", transfers.transfer_rerun, name="transfer-rerun"),
    path("transfers/<int:pk>/move/", transfers.transfer_move, name="transfer-move"),
    path("transfers/findings/<int:pk>/look/", looking.finding_look, name="finding-look"),
    path("transfers/findings/<int:pk>/release/", held.finding_release, name="finding-release"),
    path("transfers/findings/<int:pk>/reject/", held.finding_reject, name="finding-reject"),
    path("transfers/findings/<int:pk>/confirm/", held.finding_confirm, name="finding-confirm"),
    path("transfers/findings/<int:pk>/withdraw/", held.finding_withdraw, name="finding-withdraw"),
    path("transfers/findings/<int:pk>/rule/", rules.finding_rule, name="finding-rule"),
    path("transfers/<int:pk>/reject-held/", held.reject_all_held, name="reject-all-held"),
    path("transfers/<int:pk>/difference/", rules.transfer_difference, name="transfer-difference"),
    path("transfers/rules/<int:pk>/withdraw/", rules.rule_withdraw, name="rule-withdraw"),
    path("projects/<str:acronym>/run-again/", rules.older_again, name="run-older-again"),
    path("transfers/chores/<int:pk>/done/", held.chore_done, name="chore-done"),
    path("projects/<str:acronym>/plan/", project_plan.project_plan, name="project-plan"),
    path("api/v1/transfers/<int:pk>/record/", RecordView.as_view(), name="api-record"),
    path("api/v1/transfers/<int:pk>/record/proof/", RecordProofView.as_view(), name="api-proof"),
    path(
        "api/v1/transfers/<int:pk>/record/outputs/",
        RecordOutputsView.as_view(),
        name="api-outputs",
    ),
    path("api/v1/", include(router.urls)),
]
