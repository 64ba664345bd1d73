"""The addresses of this room: pages and REST."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
