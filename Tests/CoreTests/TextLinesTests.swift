import Core
import Foundation
import TestSupport
import Testing

@Suite struct TextLinesTests {
  private let folder: TemporaryFolder
  private let url: URL

  init() throws {
    folder = try TemporaryFolder()
    url = folder.url.appending(path: "lines.txt")
  }

  @Test(
    arguments: [
      ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\n\nb\n\n", ["a", "", "b", ""]),
      ("a\r\nb\rc\r\n", ["a", "b\rc"]), ("\u{FEFF}é\n", ["é"]),
      ("a\u{2028}b\u{85}c", ["a\u{2028}b\u{85}c"]),
    ] as [(String, [String])])
  func splitsAtLineFeedsOnly(content: String, lines: [String]) throws {
    try Data(content.utf8).write(to: url)
    #expect(try TextLines.read(url).map { Array($0.utf8) } == lines.map { Array($0.utf8) })
  }

  @Test func namesTheLineThatIsNotUTF8() throws {
    try Data([0x61, 0x0A, 0xFF, 0x0A]).write(to: url)
    let error = #expect(throws: EvalError.self) { try TextLines.read(url) }
    #expect(error?.kind == .malformedData)
    #expect(error?.subject?.hasSuffix("lines.txt:2") == true)
  }
}
