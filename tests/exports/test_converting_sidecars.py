"""A sidecar keeps its physics and loses what finds the examination again."""

import pytest

from exports.converting.sidecars import clean_sidecar

WRITTEN = {
    "Modality": "MR",
    "EchoTime": 0.05,
    "SliceTiming": [0, 1.45],
    "AcquisitionTime": "12:24:58.102500",
    "AcquisitionDateTime": "2018-09-18T12:24:58.102500",
    "DeviceSerialNumber": "45160",
    "StationName": "AWP45160",
    "InstitutionName": "Nowhere Hospital",
    "SeriesInstanceUID": "1.2.3.4.5.6.7",
    "PatientName": "Olga",
    "ImageComments": "Olga after the fall",
}


def test_nothing_that_finds_the_examination_is_left_by_default():
    assert clean_sidecar(WRITTEN) == {"Modality": "MR", "EchoTime": 0.05, "SliceTiming": [0, 1.45]}


def test_times_and_devices_stay_where_they_were_asked_for_and_the_person_never():
    kept = clean_sidecar(WRITTEN, keeps_times=True, keeps_devices=True)

    assert set(WRITTEN) - set(kept) == {"SeriesInstanceUID", "PatientName", "ImageComments"}


@pytest.mark.parametrize(
    "value", ["2018-09-18", "2018-09-18T12:24:58", "9:16:00", "12:24:58.102500"]
)
def test_moments_go_whatever_their_name(value):
    assert clean_sidecar({"SomethingNew": value}) == {}
    assert clean_sidecar({"SomethingNew": value}, keeps_times=True) == {"SomethingNew": value}


@pytest.mark.parametrize("value", ["v1.0.20260724", "syngo MR E11", "1.5", "1.5.2", "N4_VE11C"])
def test_versions_are_no_moments_and_no_uids(value):
    assert clean_sidecar({"SoftwareVersions": value}) == {"SoftwareVersions": value}
