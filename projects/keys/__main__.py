"""python -m projects.keys SHARE … --to FILE: bring the master key back from its shares.

For the day on which everything else is gone: it asks for no settings and no database.
"""

import argparse
import sys
from pathlib import Path

from projects.keys.deriving import key_id
from projects.keys.private_files import write_private
from projects.keys.shares import Share, SharesUnusable, restore


def main(arguments: list[str]) -> int:
    """Write the key that the shares restore; 0, or 2 with a sentence on what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m projects.keys", description=__doc__)
    parser.add_argument("shares", nargs="+", type=Path, metavar="SHARE", help="a share's file")
    parser.add_argument("--to", required=True, type=Path, metavar="FILE", help="a new file")
    options = parser.parse_args(arguments)
    try:
        shares = [Share.read(path.read_text()) for path in options.shares]
        master = restore(shares).decode(errors="replace")
        if key_id(master) != shares[0].key_id:
            raise SharesUnusable("These shares were made on different days and do not fit.")
        write_private(options.to, master)
    except (SharesUnusable, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    name, place = shares[0].key_id, options.to
    sys.stdout.write(f"The master key {name} is in {place}. Only its owner can read it.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
