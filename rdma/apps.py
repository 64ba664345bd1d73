"""Tells Django about this room."""

from django.apps import AppConfig


class RdmaConfig(AppConfig):
    name = "rdma"
