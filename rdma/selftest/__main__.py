"""Inside the scratch installation: `manage.py selftest` starts `python -m rdma.selftest FOLDER`.

It is a process of its own, so that its settings, its keys, its database and its folders are
another installation's from the first line on, and nothing of the hospital's is within reach.
"""

import os
import sys
from pathlib import Path

import django


def main(folder: Path) -> None:
    """Take the corpus in `folder` through the pipeline. Refuses any other data folder than its."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rdma.settings")
    django.setup()
    from django.conf import settings

    from rdma.selftest.walk import walk  # late: models need the settings

    if Path(settings.RDMA_DATA_DIR) != folder.resolve() / "data":
        raise SystemExit("This is no scratch installation; run `manage.py selftest`.")
    walk(folder.resolve())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
