"""Child process that splits files into cells, within tight limits of memory.

It is started as a file and imports only `app.file_reader` and `app.kit`, so that it starts
quickly. It answers until stdin is closed; an error of a file is one sentence in the answer.
"""

import json
import os
import resource
import struct
import sys
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# bytes per file, and per byte of the file; never more than MOST_MEMORY
MEMORY, MEMORY_A_BYTE = 2 * 2**30, 12
MOST_MEMORY = 4 * 2**30
# lower priority than rendering pages
NICE = 5
HEAD = struct.Struct("<QQ")


def main() -> None:
    """Answer questions from stdin on stdout until there are no more."""
    # the script's own folder would shadow modules of the standard library
    sys.path[0] = str(ROOT)
    answer = import_module("app.file_reader.sandbox.protocol").answer
    # the priority is lowered only now: startup is short and a user waits for it
    os.nice(NICE)
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    # output printed by mistake must not mix with the answers
    sys.stdout = sys.stderr
    while len(head := requests.read(HEAD.size)) == HEAD.size:
        question_bytes, data_bytes = HEAD.unpack(head)
        memory = min(MOST_MEMORY, MEMORY + MEMORY_A_BYTE * data_bytes)
        resource.setrlimit(resource.RLIMIT_AS, (memory, MOST_MEMORY))
        question, data = requests.read(question_bytes), requests.read(data_bytes)
        facts, cells = answer(json.loads(question), data)
        facts_bytes = json.dumps(facts).encode()
        answers.write(HEAD.pack(len(facts_bytes), len(cells)))
        answers.write(facts_bytes)
        answers.write(cells)
        answers.flush()


if __name__ == "__main__":
    main()
