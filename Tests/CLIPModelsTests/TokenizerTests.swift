import Core
import Foundation
import TestSupport
import Testing

import CLIPModels

/// A text of `Tests/Fixtures/tokenizer/texts.json`, with what the Python reference makes of it.
struct ReferenceText: Decodable {
  var text: String
  var clean: String
  var small: [Int32]
  var clip: [Int32]
  var ftfyChangesText: Bool

  static func all() throws -> [ReferenceText] {
    let data = try Data(contentsOf: TokenizerFixture.folder.appending(path: "texts.json"))
    return try JSONDecoder().decode([ReferenceText].self, from: data)
  }
}

enum TokenizerFixture {
  static let folder = TestPaths.fixtures.appending(path: "tokenizer")

  static func small() throws -> CLIPTokenizer { try CLIPTokenizer(contentsOf: folder) }

  /// Code points with escapes, so that a failure shows what differs.
  static func escaped(_ text: some Sequence<Unicode.Scalar>) -> String {
    text.map { $0.escaped(asASCII: true) }.joined()
  }
}

@Suite struct TokenizerTests {
  @Test func idsOfTheSmallVocabularyAreTheReferences() throws {
    let tokenizer = try TokenizerFixture.small()
    let texts = try ReferenceText.all()
    #expect(texts.count >= 300)
    for reference in texts {
      #expect(
        tokenizer.encode(reference.text) == reference.small,
        "\(TokenizerFixture.escaped(reference.text.unicodeScalars))")
    }
  }

  @Test func bothFormsOfCLIPsVocabularyGiveTheReferencesIDs() throws {
    guard let file = TestPaths.shared("reference/openai-clip/bpe_simple_vocab_16e6.txt.gz"),
      let folder = TestPaths.shared("models/clip-mini")
    else { return }
    let tokenizers = [try CLIPTokenizer(contentsOf: file), try CLIPTokenizer(contentsOf: folder)]
    for tokenizer in tokenizers {
      #expect(tokenizer.vocabularySize == 49_408)
      #expect(tokenizer.startToken == 49_406)
      #expect(tokenizer.endToken == 49_407)
      for reference in try ReferenceText.all() {
        #expect(
          tokenizer.encode(reference.text) == reference.clip,
          "\(TokenizerFixture.escaped(reference.text.unicodeScalars))")
      }
    }
    #expect(tokenizers[0].vocabularyHash == tokenizers[1].vocabularyHash)
  }

  @Test func cleaningIsTheReferences() throws {
    for reference in try ReferenceText.all() {
      let cleaned = TokenizerFixture.escaped(TextCleaner.clean(reference.text))
      #expect(cleaned == TokenizerFixture.escaped(reference.clean.unicodeScalars))
    }
  }

  /// The promise of `TextCleaner` covers many texts of the fixture, not a handful.
  @Test func mostTextsAreLeftAloneByFtfy() throws {
    #expect(try ReferenceText.all().filter { !$0.ftfyChangesText }.count > 200)
  }

  @Test func allFileFormsGiveOneVocabulary() throws {
    let folder = try TokenizerFixture.small()
    #expect(folder.vocabularySize == 512 + 100 + 2)
    let text = "the photographer's bananas"
    for name in ["bpe_small.txt", "bpe_small.txt.gz"] {
      let other = try CLIPTokenizer(contentsOf: TokenizerFixture.folder.appending(path: name))
      #expect(other.vocabularyHash == folder.vocabularyHash)
      #expect(other.encode(text) == folder.encode(text))
    }
    // Protocols record it, so it may not change between versions.
    #expect(
      folder.vocabularyHash.hex
        == "0efd50bff46238c7069d4c594edab0db0bc1d388552076dd3535e4680dec834d")
  }

  @Test func startAndEndFrameTheText() throws {
    let tokenizer = try TokenizerFixture.small()
    #expect(try tokenizer.tokenize("a") == [612, 320, 613])
    #expect(try tokenizer.tokenize("") == [612, 613])
  }

  @Test func overlongTextIsAnErrorUnlessTruncated() throws {
    let tokenizer = try TokenizerFixture.small()
    let fitting = Array(repeating: "a", count: 75).joined(separator: " ")
    #expect(try tokenizer.tokenize(fitting).count == 77)
    let tooLong = fitting + " a a"
    let error = #expect(throws: EvalError.self) { try tokenizer.tokenize(tooLong) }
    #expect(error?.message.contains("79 tokens") == true)
    let cut = try tokenizer.tokenize(tooLong, truncate: true)
    #expect(cut == [612] + Array(repeating: 320, count: 75) + [613])
  }

  @Test func decodingGivesTheWordsBack() throws {
    let tokenizer = try TokenizerFixture.small()
    #expect(try tokenizer.decode(tokenizer.encode("Café, 12 猫's!")) == "café , 1 2 猫 's ! ")
    for reference in try ReferenceText.all() {
      let decoded = try tokenizer.decode(reference.small)
      let words = TokenizerFixture.escaped(decoded.unicodeScalars.filter { $0 != " " })
      // U+0345 belongs to no word (see WordSplitter).
      let expected = TokenizerFixture.escaped(
        reference.clean.unicodeScalars.filter { $0 != " " && $0.value != 0x345 })
      #expect(words == expected)
    }
    #expect(throws: EvalError.self) { try tokenizer.decode([614]) }
    #expect(throws: EvalError.self) { try tokenizer.decode([-1]) }
  }

  /// Token 127 is the byte 0xC3 inside a word: bytes 0x21–7E take ids 0–93, A1–AC 94–105, AE–FF 106–187.
  @Test func halfACharacterDecodesToTheReplacementCharacter() throws {
    let tokenizer = try TokenizerFixture.small()
    #expect(try tokenizer.decode([127]) == "\u{FFFD}")
    #expect(try tokenizer.spelling(of: 127) == "Ã")
    #expect(try tokenizer.spelling(of: 320) == "a</w>")
  }

  @Test func aVeryLongWordIsEncoded() throws {
    let tokenizer = try TokenizerFixture.small()
    let word = String(repeating: "aaaaaaab", count: 20_000)
    #expect(try tokenizer.decode(tokenizer.encode(word)) == word + " ")
  }

  @Test func oneTokenizerServesManyThreads() async throws {
    let tokenizer = try TokenizerFixture.small()
    let texts = try ReferenceText.all()
    await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<4 {
        group.addTask { texts.allSatisfy { tokenizer.encode($0.text) == $0.small } }
      }
      for await agrees in group { #expect(agrees) }
    }
  }

  /// The pair (abc, ab) ranks before (ab, c), yet all (ab, c) of a word are merged in one round: "abcabc" is
  /// abc + abc, not abcab + c.
  @Test func occurrencesOfAPairAreMergedBeforeTheNextPair() throws {
    let merges = ["a b", "b c", "a bc", "abc ab", "ab c", "c d</w>"]
    let pairs = merges.map { $0.split(separator: " ").map { Array($0.utf8)[...] } }
    let singles = ByteAlphabet.bytesInVocabularyOrder.map { ByteAlphabet.spelling(of: $0) }
    let results = ["ab", "bc", "abc", "abcab", "cd</w>", "<|startoftext|>", "<|endoftext|>"]
    let vocabulary = try BytePairVocabulary(
      spellings: singles + singles.map { $0 + ByteAlphabet.endOfWord }
        + results.map { Array($0.utf8) },
      pairs: pairs.map { ($0[0], $0[1]) }, firstLine: 1, vocabularyName: "tokens",
      mergesName: "merges")
    let tokens = BytePairMerger.tokens(of: Array("abcabcd".utf8), in: vocabulary)
    let spelt = tokens.map { String(decoding: vocabulary.spellings[Int($0)], as: UTF8.self) }
    #expect(spelt == ["abc", "abc", "d</w>"])
  }
}
