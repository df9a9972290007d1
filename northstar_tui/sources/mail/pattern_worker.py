"""The process that tries an operator's patterns on lines: one JSON array of texts in, one answer a line out.

A pattern can take time without end on a hostile line, and nothing in Python can stop it there but the end of its
process. Started by `patterns`; imports nothing of ours.
"""

from __future__ import annotations

import json
import re
import sys


def main() -> None:
    """Read the patterns, then one line of text after the other; answer each with [pattern, groups] or null."""
    patterns = [re.compile(each, re.IGNORECASE) for each in json.loads(sys.stdin.readline())]
    for line in sys.stdin:
        text = json.loads(line)
        answer = None
        for nth, pattern in enumerate(patterns):
            match = pattern.fullmatch(text)
            if match:
                answer = [nth, {name: value for name, value in match.groupdict().items() if value is not None}]
                break
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
