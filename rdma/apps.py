"""Tells Django about this room."""

from importlib import import_module

from django.apps import AppConfig


class RdmaConfig(AppConfig):
    name = "rdma"

    def ready(self) -> None:
        """Have settings and columns looked at before anything runs; both are complete only now."""
        import_module("rdma.checks")  # registers itself
        import_module("rdma.setting_checks").register_checks()
