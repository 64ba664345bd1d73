"""python -m deidentify"""

import sys

from deidentify.command_line import main

sys.exit(main())
