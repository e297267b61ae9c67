"""`main.py secret`: keeps a key under a name in the keyring, forgets it, or makes a new one for a shop's webhooks.

It reads a secret from the terminal or standard input only, never from an argument, which others could see in the list of processes.
"""

import argparse
import base64
import secrets
import sys
from pathlib import Path

from studio.store.secrets import Secrets
from studio.terminal import ask_secret

_BYTES = 32


def run(words: list[str], folder: Path) -> int:
    """The command; the exit code. Raises InvalidInput for a secret that is empty or has blanks inside."""
    parser = argparse.ArgumentParser(prog="main.py secret", description="Keys by name, in this user's keyring.")
    commands = parser.add_subparsers(dest="command", required=True, metavar="put|new|forget")
    for command, what in (
        ("put", "keep a secret, asked for here or read from standard input"),
        ("new", "make and show a secret for Standard Webhooks, to be entered at the shop"),
        ("forget", "forget a secret"),
    ):
        commands.add_parser(command, help=what).add_argument("name")
    arguments = parser.parse_args(words)
    store, name = Secrets(folder), str(arguments.name)
    if arguments.command == "forget":
        store.forget(name)
    elif arguments.command == "new":
        made = "whsec_" + base64.b64encode(secrets.token_bytes(_BYTES)).decode()
        store.put(name, made)
        print(made)  # noqa: T201 - shown this once
    else:
        store.put(name, ask_secret(name))
    print(f"{name}: {store.place}", file=sys.stderr)  # noqa: T201 - says where it is kept
    return 0
