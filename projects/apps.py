"""Tells Django about this room."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "projects"
