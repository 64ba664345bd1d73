"""The rows of this room."""

from exports.models.packages import KEPT, Package

__all__ = ["KEPT", "Package"]
