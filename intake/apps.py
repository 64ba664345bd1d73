"""Tells Django about this room."""

from django.apps import AppConfig


class IntakeConfig(AppConfig):
    name = "intake"
