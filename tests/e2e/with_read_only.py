"""`main.py` whose SQLite file is read-only while the file TEST_READ_ONLY is there: SQLite refuses by itself, on the studio's own connection.

Root may write to every file, and a program keeps the right to what it has opened: no mode of a file would do it in the middle of a show.
"""

import itertools
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from sqlalchemy import event

from studio.store import engines

_make = engines.make
_numbers = itertools.count()


def _make_turning(url, name, *, is_read_only):
    made = _make(url, name, is_read_only=is_read_only)
    if not is_read_only:
        event.listen(made, "checkout", _turn)
    return made


def _turn(connection, _record, _proxy):
    state = "ON" if Path(os.environ["TEST_READ_ONLY"]).exists() else "OFF"
    # SQLite obeys while it compiles: the same words again would be found compiled, and do nothing.
    connection.execute(f"PRAGMA query_only={state} -- {next(_numbers)}")


engines.make = _make_turning

if __name__ == "__main__":
    import main

    sys.exit(main.main(sys.argv[1:]))
