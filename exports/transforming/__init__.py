"""Headers changed on their way into a package, pixels passed on unread."""

from exports.transforming.transformer import Change, Transformer

__all__ = ["Change", "Transformer"]
