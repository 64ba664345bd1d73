"""Tells Django about this room."""

from django.apps import AppConfig


class ReviewConfig(AppConfig):
    name = "review"
