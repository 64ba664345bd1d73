"""Tells Django about this room."""

from django.apps import AppConfig


class RdmaConfig(AppConfig):
    name = "rdma"

    def ready(self) -> None:
        """Have the settings looked at before anything runs."""
        from rdma.checks import register_checks  # the settings are complete only now

        register_checks()
