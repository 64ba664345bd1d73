"""Tells Django about this room."""

from django.apps import AppConfig


class TransfersConfig(AppConfig):
    name = "transfers"
