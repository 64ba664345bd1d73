"""The whole way over real processes: dcmsend, the node, REST, a worker, Orthanc."""

import json
import os
import signal
import urllib.request
from datetime import timedelta

import pytest

from intake.models import Instance, Study
from projects.models import User
from tests.datasets import make_mr_series
from tests.services.dcmtk import dcmsend
from tests.services.process import free_port, wait_until
from tests.tokens import bearer
from tests.transfers.arrange import add_destination, make_desk, outcomes, request
from tests.transfers.counting_scp import counting_scp
from transfers.models import Delivery, LedgerEntry, Outcome, Run
from transfers.states import DeliveryState, State

pytestmark = pytest.mark.django_db(transaction=True)

NAME = "Fjell^Turid Aasen"


def ask(portal: str, user: User, path: str, body: object = None):
    """Talk to the REST interface as a script would."""
    request = urllib.request.Request(
        portal + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={**bearer(user), "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


def test_study_sent_by_dcmsend_and_requested_over_rest_arrives_in_orthanc(
    tmp_path, portal, receiver, start_worker, orthanc
):
    desk = make_desk(ae_title="BICAM")
    add_destination(desk.project, ae_title=orthanc.ae_title, port=orthanc.dicom_port)
    add_destination(desk.project, name="Away", ae_title="AWAY", port=free_port())
    make_mr_series(tmp_path / "in", n=12, patient_name=NAME)
    start_worker("--beat", RDMA_SWEEP_SECONDS="1")

    sent = dcmsend(receiver, tmp_path / "in", called="BICAM")
    wait_until(lambda: Instance.objects.count() == 12, what="the node to catalogue 12 images")
    (study,) = ask(portal, desk.kari, "/api/v1/studies/")["results"]
    transfer = ask(
        portal,
        desk.kari,
        "/api/v1/transfers/",
        {
            "study": study["id"],
            "project": desk.project.number,
            "participant": "BICAM_0007",
            "event": "baseline",
        },
    )
    wait_until(lambda: len(orthanc.instances()) == 12, what="Orthanc to have 12 images")

    assert sent.returncode == 0
    received = [orthanc.file(instance["ID"]) for instance in orthanc.instances()]
    assert all(b"BICAM_0007" in content and b"Fjell" not in content for content in received)
    wait_until(
        lambda: Delivery.objects.filter(state=DeliveryState.DELIVERED).count() == 1,
        what="the delivery to be confirmed",
    )
    told = ask(portal, desk.kari, f"/api/v1/transfers/{transfer['id']}/")
    states = {d["destination"]: d["state"] for d in told["run"]["deliveries"]}
    assert states == {"Forsknings-PACS": "delivered", "Away": "waiting"}
    assert sum(told["run"]["counts"].values()) == told["run"]["received_count"] == 12


@pytest.mark.parametrize("moment", ["de-identifying", "delivering", "counting"])
def test_worker_killed_in_the_middle_loses_nothing_and_sends_nothing_twice(
    tmp_path, start_worker, environment, moment
):
    count = 60
    quick = {
        "RDMA_LEASE_SECONDS": "2",
        "RDMA_SWEEP_SECONDS": "1",
        "RDMA_SLICE_SIZE": "5",
    }
    is_late = moment == "counting"  # its archive shows nothing when it is first asked
    with counting_scp(seconds_each=0.02, shows=lambda n, uid: not is_late or n > 2) as scp:
        desk = make_desk()
        add_destination(desk.project, ae_title=scp.ae_title, port=scp.port)
        make_mr_series(tmp_path / "in", n=count, patient_name=NAME)
        from intake.folders import import_folder

        import_folder(tmp_path / "in", by=desk.kari)
        study = Study.objects.get()
        study.last_received_at -= timedelta(minutes=5)
        study.save()
        first = start_worker("--beat", **quick)

        transfer = request(desk, study)
        if moment == "de-identifying":
            wait_until(lambda: Outcome.objects.exclude(key="").exists(), what="a first slice")
        elif moment == "delivering":
            wait_until(lambda: len(scp.received) > 10, what="ten images to be sent")
        else:
            wait_until(lambda: scp.finds > 0, what="the images to be counted")
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
        start_worker("--beat", **quick)
        wait_until(
            lambda: Run.objects.get().state == State.DELIVERED, seconds=60, what="the run to end"
        )

        run = transfer.runs.get()
        assert outcomes(run) == {"delivered": count}
        assert len(scp.received) == len(set(scp.received)) == count
        assert LedgerEntry.objects.exclude(confirmed_at=None).count() == count
