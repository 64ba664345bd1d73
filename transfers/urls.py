"""The addresses of this room: pages and REST."""

from django.urls import include, path
from rest_framework.routers import SimpleRouter

from transfers.api import DestinationViewSet, TransferViewSet
from transfers.views import assigning, held, plans, transfers

router = SimpleRouter()
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
    path("transfers/<int:pk>/", transfers.transfer_detail, name="transfer-detail"),
    path("transfers/<int:pk>/plan/", plans.transfer_plan, name="transfer-plan"),
    path(
        "transfers/<int:pk>/plan/<int:outcome>/",
        plans.instance_explained,
        name="instance-explained",
    ),
    path("transfers/<int:pk>/cancel/", transfers.transfer_cancel, name="transfer-cancel"),
    path("transfers/<int:pk>/retry/", transfers.transfer_retry, name="transfer-retry"),
    path("transfers/<int:pk>/rerun/", transfers.transfer_rerun, name="transfer-rerun"),
    path("transfers/<int:pk>/move/", transfers.transfer_move, name="transfer-move"),
    path("transfers/findings/<int:pk>/release/", held.finding_release, name="finding-release"),
    path("transfers/findings/<int:pk>/reject/", held.finding_reject, name="finding-reject"),
    path("transfers/chores/<int:pk>/done/", held.chore_done, name="chore-done"),
    path("api/v1/", include(router.urls)),
]
