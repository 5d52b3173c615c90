import Core
import Foundation
import TestSupport
import Testing

import CLIPModels

/// Vocabulary files that are odd, damaged or do not belong together.
@Suite struct TokenizerFileTests {
  private func error(_ body: () throws -> Void) -> EvalError? {
    #expect(throws: EvalError.self, performing: body)
  }

  private func fixture(_ name: String) throws -> Data {
    try Data(contentsOf: TokenizerFixture.folder.appending(path: name))
  }

  /// The ids are OpenAI's tokenizer's; Hugging Face's files of the same vocabulary come from elsewhere.
  @Test func builtInVocabulary() throws {
    let tokenizer = try CLIPTokenizer.openAI()
    #expect(tokenizer.vocabularySize == 49_408)
    #expect(
      try tokenizer.tokenize("a photo of a cat.")
        == [49406, 320, 1125, 539, 320, 2368, 269, 49407])
    guard let folder = TestPaths.shared("models/clip-mini") else { return }
    #expect(try tokenizer.vocabularyHash == CLIPTokenizer(contentsOf: folder).vocabularyHash)
  }

  @Test func canonicallyEquivalentKeysStayApart() throws {
    // "é" in two ways and Å in three: two Swift strings, five tokens.
    let keys = ["\u{E9}", "e\u{301}", "\u{C5}", "\u{212B}", "A\u{30A}"]
    #expect(Set(keys).count == 2)
    let json =
      "{" + keys.enumerated().map { "\"\($0.element)\": \($0.offset)" }.joined(separator: ",") + "}"
    let tokens = try VocabularyJSON.tokensByID(Data(json.utf8), subject: "vocab.json")
    #expect(tokens == keys.map { Array($0.utf8) })
  }

  @Test func escapesAreResolved() throws {
    let json = #" { "\"\\\/" : 0 , "\u0120\u00e9" :1,"\ud83d\ude00\n":2}  "#
    let tokens = try VocabularyJSON.tokensByID(Data(json.utf8), subject: "vocab.json")
    #expect(tokens == ["\"\\/", "\u{120}\u{E9}", "\u{1F600}\n"].map { Array($0.utf8) })
    #expect(try VocabularyJSON.tokensByID(Data("{}".utf8), subject: "vocab.json").isEmpty)
  }

  @Test(
    arguments: [
      ("", "expected \"{\""), ("[]", "expected \"{\""), (#"{"a""#, "expected \":\""),
      (#"{"a":"#, "token id"), (#"{"a":-1}"#, "token id"), (#"{"a":0"#, "or \"}\""),
      (#"{"a":0.5}"#, "or \"}\""), (#"{"a":0} x"#, "end of the file"), (#"{"a"#, "does not end"),
      (#"{"a\"#, "does not end"), (#"{"\x":0}"#, "escape"), (#"{"\u12":0}"#, "hexadecimal"),
      (#"{"\u+123":0}"#, "hexadecimal"), (#"{"\ud83d":0}"#, "surrogate"),
      (#"{"\ud83d\u0041":0}"#, "surrogate"), (#"{"\udc00":0}"#, "surrogate"),
      (#"{"a":0,"b":0}"#, "both"), (#"{"a":0,"a":1}"#, "twice"), (#"{"a":1}"#, "ids 0…0"),
      (#"{"a":99999999999999999999}"#, "or \"}\""), ("{\"a\n\":0}", "control character"),
    ])
  func malformedVocabularyNamesWhatWasExpected(json: String, message: String) {
    let error = error { _ = try VocabularyJSON.tokensByID(Data(json.utf8), subject: "v.json") }
    #expect(error?.kind == .malformedData)
    #expect(error?.message.contains(message) == true, "\(String(describing: error))")
    #expect(error?.subject?.hasPrefix("v.json") == true)
  }

  @Test func missingFilesAreNotFound() throws {
    let folder = try TemporaryFolder()
    #expect(error { _ = try CLIPTokenizer(contentsOf: folder.url) }?.kind == .notFound)
    let absent = folder.url.appending(path: "absent")
    #expect(error { _ = try CLIPTokenizer(contentsOf: absent) }?.kind == .notFound)
  }

  @Test func mergesMustFitTheVocabulary() throws {
    let folder = try TemporaryFolder()
    try fixture("vocab.json").write(to: folder.url.appending(path: "vocab.json"))
    let merges = folder.url.appending(path: "merges.txt")
    var lines = String(decoding: try fixture("merges.txt"), as: UTF8.self).split(separator: "\n")

    try Data(lines.dropFirst().joined(separator: "\r\n").utf8).write(to: merges)
    let small = try TokenizerFixture.small()
    #expect(try CLIPTokenizer(contentsOf: folder.url).vocabularyHash == small.vocabularyHash)

    try Data((lines + ["q q"]).joined(separator: "\n").utf8).write(to: merges)
    let unknown = error { _ = try CLIPTokenizer(contentsOf: folder.url) }
    #expect(unknown?.message.contains("qq") == true)
    #expect(unknown?.subject?.hasSuffix("merges.txt:102") == true)

    try Data((lines + [lines[7]]).joined(separator: "\n").utf8).write(to: merges)
    let repeated = error { _ = try CLIPTokenizer(contentsOf: folder.url) }
    #expect(repeated?.message.contains("second time") == true)

    lines[3] = "justone"
    try Data(lines.joined(separator: "\n").utf8).write(to: merges)
    let single = error { _ = try CLIPTokenizer(contentsOf: folder.url) }
    #expect(single?.subject?.hasSuffix("merges.txt:4") == true)
  }

  @Test func damagedTextFilesAreRefused() throws {
    let folder = try TemporaryFolder()
    let url = folder.url.appending(path: "bpe.txt.gz")
    let compressed = try fixture("bpe_small.txt.gz")
    for count in [2, 9, 11, 100, compressed.count - 9, compressed.count - 1] {
      try compressed.prefix(count).write(to: url)
      #expect(error { _ = try CLIPTokenizer(contentsOf: url) }?.kind == .malformedData, "\(count)")
    }
    try Data("hello\nworld\n".utf8).write(to: url)
    #expect(error { _ = try CLIPTokenizer(contentsOf: url) }?.subject?.hasSuffix(":1") == true)
    try Data().write(to: url)
    #expect(error { _ = try CLIPTokenizer(contentsOf: url) }?.kind == .malformedData)
  }
}
