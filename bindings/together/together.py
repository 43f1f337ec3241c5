"""A Python tool and a Node tool, each in a process of its own with a hub of its own, on one PostgreSQL database: each
action is run by the process that has its tool.

    python together.py SERVER_URL NODE_PROJECT
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

SIDE = Path(__file__).with_name("side.py")
ACTIONS = 10


def told(side: subprocess.Popen[str]) -> str:
    """The next line of a side."""
    assert side.stdout is not None
    line = side.stdout.readline().strip()
    assert line, f"{side.args} said nothing more"
    return line


def go_on(side: subprocess.Popen[str]) -> None:
    """Lets a side go on."""
    assert side.stdin is not None
    side.stdin.write("\n")
    side.stdin.flush()


def play(database_url: str, project: str, scratch: str) -> None:
    """Runs both sides at once."""
    commands = [[sys.executable, str(SIDE)], ["node", "side.mjs"]]
    sides = [
        subprocess.Popen(
            [*command, str(Path(scratch) / command[0].rsplit("/", 1)[-1]), database_url],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=project,
        )
        for command in commands
    ]
    try:
        for side in sides:
            assert told(side) == "open"
        # Only when both are there: each could take the other's work then.
        for side in sides:
            go_on(side)
        for side, language in zip(sides, ["Python", "Node"]):
            said = json.loads(told(side))
            expected = [{"number": number, "process": side.pid} for number in range(ACTIONS)]
            assert said["process"] == side.pid
            assert sorted(said["results"], key=lambda result: result["number"]) == expected, said
            print(f"{language}, process {side.pid}: ran its {ACTIONS} actions, and no other did")
        for side in sides:
            go_on(side)
            assert side.wait(timeout=30) == 0
    finally:
        for side in sides:
            side.kill()


def main(server: str, project: str) -> None:
    name = f"together_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as made, tempfile.TemporaryDirectory() as scratch:
        made.execute(f"CREATE DATABASE {name}")
        try:
            play(urlunsplit(urlsplit(server)._replace(path=f"/{name}")), project, scratch)
        finally:
            made.execute(f"DROP DATABASE {name} WITH (FORCE)")


main(*sys.argv[1:])
