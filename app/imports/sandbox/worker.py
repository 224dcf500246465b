"""A process of its own in which files are cut into cells, within narrow limits.

Started as a file, with the room's door left shut: the door would load the database as well. It
answers until nobody asks any more; what is wrong with a file is one sentence in the answer.
"""

import json
import os
import resource
import struct
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).resolve().parents[1]
# bytes for a file, and for each of its bytes; never more than MOST_MEMORY
MEMORY, MEMORY_A_BYTE = 2 * 2**30, 12
MOST_MEMORY = 4 * 2**30
# screens are drawn first
NICE = 5
HEAD = struct.Struct("<QQ")


def main() -> None:
    """Answer questions from stdin on stdout until there are no more."""
    # the file's own folder would hide modules of the standard library behind ours
    sys.path[0] = str(HERE.parents[1])
    room = ModuleType("app.imports")
    room.__path__ = [str(HERE)]
    sys.modules["app.imports"] = room
    answer = import_module("app.imports.sandbox.protocol").answer
    # what follows is the files' work; starting is short, and somebody waits for it
    os.nice(NICE)
    asked, said = sys.stdin.buffer, sys.stdout.buffer
    # whatever else is printed by mistake must not stand between the answers
    sys.stdout = sys.stderr
    while len(head := asked.read(HEAD.size)) == HEAD.size:
        question_bytes, data_bytes = HEAD.unpack(head)
        memory = min(MOST_MEMORY, MEMORY + MEMORY_A_BYTE * data_bytes)
        resource.setrlimit(resource.RLIMIT_AS, (memory, MOST_MEMORY))
        question, data = asked.read(question_bytes), asked.read(data_bytes)
        facts, cells = answer(json.loads(question), data)
        told = json.dumps(facts).encode()
        said.write(HEAD.pack(len(told), len(cells)))
        said.write(told)
        said.write(cells)
        said.flush()


if __name__ == "__main__":
    main()
