"""How this room says things on its pages."""
