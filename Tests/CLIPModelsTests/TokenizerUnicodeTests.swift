import Foundation
import TestSupport
import Testing

import CLIPModels

/// Every code point against Python 3.11 (Unicode 14: lower-casing, stripping) and its `regex` module
/// (Unicode 18: word classes).
@Suite struct TokenizerUnicodeTests {
  private let rows: [[Substring]]

  init() throws {
    let url = TokenizerFixture.folder.appending(path: "code-points.txt")
    rows = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }.map { $0.split(separator: " ") }
  }

  private static let allScalars = (UInt32(0)...0x10FFFF).compactMap(Unicode.Scalar.init)

  @Test func wordClassesAreThoseOfTheRegexModule() throws {
    let starts = try rows.filter { $0[0] == "class" }.map {
      (try #require(UInt32($0[1], radix: 16)), $0[2])
    }
    let names: [WordSplitter.Kind: Substring] = [
      .letter: "L", .number: "N", .space: "S", .other: "O", .nothing: "-",
    ]
    var run = 0
    var differing: [String] = []
    for scalar in Self.allScalars {
      while run + 1 < starts.count, starts[run + 1].0 <= scalar.value { run += 1 }
      // What this Swift's Unicode version has not assigned, the module's may know as a letter.
      if scalar.properties.generalCategory == .unassigned { continue }
      if names[WordSplitter.kind(of: scalar)] != starts[run].1 {
        differing.append(String(scalar.value, radix: 16))
      }
    }
    #expect(differing.count == 0, "\(differing.prefix(20))")
  }

  @Test func lowerCasingIsPythons() throws {
    var expected: [UInt32: [UInt32]] = [:]
    for row in rows where row[0] == "lower" {
      let numbers = row.dropFirst().compactMap { UInt32($0, radix: 16) }
      expected[numbers[0]] = Array(numbers.dropFirst())
    }
    #expect(expected.count > 1400)
    var differing: [String] = []
    for scalar in Self.allScalars {
      let found = TextCleaner.lowercased([scalar]).map(\.value)
      // Letters that came after Python's Unicode 14 have no mapping there.
      let age = scalar.properties.age ?? (major: 99, minor: 0)
      if found != expected[scalar.value] ?? [scalar.value], age.major <= 14 {
        differing.append(String(scalar.value, radix: 16))
      }
    }
    #expect(differing.count == 0, "\(differing.prefix(20))")
  }

  @Test func stripsWhatPythonStrips() throws {
    let expected = try rows.filter { $0[0] == "strip" }.map {
      try #require(UInt32($0[1], radix: 16))
    }
    let found = Self.allScalars.filter { TextCleaner.clean(String(Character($0))).isEmpty }
    #expect(found.map(\.value) == expected)
  }
}
