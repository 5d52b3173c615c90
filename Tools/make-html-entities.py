#!/usr/bin/env python3
"""Writes Sources/CLIPModels/Tokenizer/HTMLEntityTable.swift from Python's html.entities.html5.

Maintainer's tool; the table changes only if HTML's list of named character references does.
Usage: make-html-entities.py OUTPUT.swift
"""
import html.entities
import sys

HEADER = '''// Made by Tools/make-html-entities.py; do not edit.
// swift-format-ignore-file

/// The named character references of HTML 5 ({count} names, with and without their semicolon).
enum HTMLEntityTable {{
  /// UTF-8 of the name without `&` → code points. Parsed on first use: an array literal of this size would take the
  /// compiler minutes.
  static let replacements: [[UInt8]: [Unicode.Scalar]] = {{
    var table = [[UInt8]: [Unicode.Scalar]](minimumCapacity: {count})
    for line in source.utf8.split(separator: 0x0A) {{
      let fields = line.split(separator: 0x20)
      table[Array(fields[0])] = fields.dropFirst().compactMap {{
        UInt32(String(decoding: $0, as: UTF8.self), radix: 16).flatMap(Unicode.Scalar.init)
      }}
    }}
    return table
  }}()

  /// One name a line, then its code points in hexadecimal.
  private static let source = """
'''

entities = html.entities.html5
with open(sys.argv[1], "w", encoding="utf-8") as out:
    out.write(HEADER.format(count=len(entities)))
    for name in sorted(entities):
        points = " ".join(f"{ord(c):x}" for c in entities[name])
        out.write(f"{name} {points}\n")
    out.write('"""\n}\n')
