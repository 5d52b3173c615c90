#!/usr/bin/env python3
"""Writes what Tests/PromptsTests expects of the files under Prompts/: sizes, and hashes that result rows hold.

Maintainer's tool, run after make-prompts.py; a hash that changes in a set whose version does not is a mistake. The
demo's sets are demo-world's.

Usage: make-prompt-fixtures.py PROMPTS_FOLDER OUTPUT_FILE
"""
import glob
import hashlib
import json
import os
import sys

import yaml


def digest(value):
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def names(value):
    """Of `id: name`, `id: [names]` and `id: {name or names, aliases}`."""
    if isinstance(value, dict):
        value = value.get("names") or value["name"]
    return value if isinstance(value, list) else [value]


def main(prompts, output):
    sets = []
    for path in glob.glob(os.path.join(prompts, "*", "*.yaml")):
        with open(path, encoding="utf-8") as file:
            document = yaml.load(file, yaml.BaseLoader)
        if document["dataset"].startswith("Demo"):
            continue
        classes = {key: names(value) for key, value in document.get("classes", {}).items()}
        templates = document.get("templates", [])
        sets.append({
            "set": f"{document['dataset']}/{document['set']}", "version": int(document["version"]),
            "classes": len(classes), "names": sum(map(len, classes.values())), "templates": len(templates),
            "classNamesHash": digest(classes) if classes else None,
            "templatesHash": digest(templates) if templates else None,
        })
    with open(output, "w", encoding="utf-8") as file:
        json.dump(sorted(sets, key=lambda entry: entry["set"]), file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
