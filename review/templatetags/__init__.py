"""How this room says paths and numbers on its pages."""
