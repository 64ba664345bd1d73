#!/usr/bin/env python3
"""Django's command line for rDMA; `python manage.py help` lists what it can do."""

import os
import sys

from django.core.management import execute_from_command_line

from projects.origin import process_is

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rdma.settings")
    process_is(":".join(["command", *sys.argv[1:2]]))
    try:
        execute_from_command_line(sys.argv)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read along, such as `head`, has read enough; what follows goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(141)  # 128 + SIGPIPE
