"""Tells Django about this room."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "exports"
