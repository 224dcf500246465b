"""Print the tests of modules: `python -m tests.module_tests app/gifts/linking.py`."""

import sys
from pathlib import Path

from tests.module_tests.lookup import module_name, tests_of

for argument in sys.argv[1:]:
    for file in tests_of(module_name(Path(argument).resolve())):
        print(f"tests/{file}.py")
