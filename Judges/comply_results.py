#!/usr/bin/env python3
"""Reads llm-comply's JSON and tells it as every judge does.   comply_results.py FOLDER FORMAT ..."""

import json
import os
import sys

from judging import Tally, content


def is_warning(text):
    return text.startswith("[warning]")


def tell(tally, name, result):
    errors = [str(error) for error in result.get("errors") or []]
    warnings = [text for text in errors if is_warning(text)] + [str(text) for text in result.get("warnings") or []]
    case = f"{name} {result['id']}"
    if result["status"] in ("skipped", "skip"):
        tally.skip(case, "by llm-comply")
        return
    passed = result["status"] in ("passed", "pass", "warning", "warn")
    failures = [] if passed else [text for text in errors if not is_warning(text)]
    tally.note(passed, case, "; ".join(failures + warnings))


def main():
    folder, formats, tally = sys.argv[1], sys.argv[2:], Tally()
    for name in formats:
        path = os.path.join(folder, name)
        try:
            results = json.loads(content(path + ".json") or "")["results"]
        except (ValueError, KeyError) as reason:
            said = (content(path + ".err") or "").strip()[-200:]
            tally.note(False, name, f"no result from llm-comply: {reason!r} {said}")
            continue
        for result in results:
            tell(tally, name, result)
    return tally.end()


if __name__ == "__main__":
    sys.exit(main())
