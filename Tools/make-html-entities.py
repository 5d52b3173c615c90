#!/usr/bin/env python3
"""Writes Sources/CLIPModels/Tokenizer/HTMLEntityTable.swift from Python's html.entities.html5.

Maintainer's tool; the table changes only if HTML's list of named character references does.
Usage: make-html-entities.py OUTPUT.swift
"""
import html.entities
import sys
import textwrap

HEADER = '''// Made by Tools/make-html-entities.py; do not edit.
// swift-format-ignore-file

/// The named character references of HTML 5 ({count} names, with and without their semicolon).
enum HTMLEntityTable {{
  /// UTF-8 of the name without `&` → code points. Parsed on first use: an array literal of this size would take the
  /// compiler minutes.
  static let replacements: [[UInt8]: [Unicode.Scalar]] = {{
    var table = [[UInt8]: [Unicode.Scalar]](minimumCapacity: {count})
    for entry in source.split(whereSeparator: \\.isWhitespace) {{
      let parts = entry.split(separator: "=")
      table[Array(parts[0].utf8)] = parts[1].split(separator: "+").compactMap {{
        UInt32($0, radix: 16).flatMap(Unicode.Scalar.init)
      }}
    }}
    return table
  }}()

  /// `name=code points in hexadecimal`.
  private static let source = """
'''

entities = html.entities.html5
with open(sys.argv[1], "w", encoding="utf-8") as out:
    out.write(HEADER.format(count=len(entities)))
    entries = [f"{name}={'+'.join(f'{ord(c):x}' for c in entities[name])}" for name in sorted(entities)]
    out.write(textwrap.fill(" ".join(entries), 110, break_long_words=False, break_on_hyphens=False) + "\n")
    out.write('"""\n}\n')
