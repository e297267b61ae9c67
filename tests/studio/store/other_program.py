"""Another program that opens a fan file of ours, as a viewer of databases does."""

import subprocess
import sys

_TAKE_WHOLE = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], timeout=0)
connection.execute("PRAGMA locking_mode=EXCLUSIVE")
try:
    connection.execute("PRAGMA journal_mode=DELETE").fetchone()
    print("taken")
except sqlite3.OperationalError:
    print("refused")
"""


def take_whole(path):
    """It wants the file for itself: `taken`, or `refused` while somebody holds SQLite's locks on it."""
    done = subprocess.run([sys.executable, "-c", _TAKE_WHOLE, str(path)], capture_output=True, text=True, check=True)
    return done.stdout.strip()
