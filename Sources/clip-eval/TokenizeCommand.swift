import ArgumentParser
import CLIPModels
import Core
import Foundation

struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Prints the token ids of texts, start and end tokens included.",
    discussion: """
      Ids are those of OpenAI's tokenizer; texts are not repaired by ftfy first, as OpenAI's are. A text \
      longer than the model's context, or 77 tokens with --vocab, is an error unless --truncate is given.

      EXAMPLES
        clip-eval tokenize --model MODEL "a photo of a cat."
        clip-eval tokenize --vocab bpe_simple_vocab_16e6.txt.gz "a photo" --json
        clip-eval tokenize --model MODEL --input captions.txt --json
      """)

  @Argument(help: "Texts to tokenize.")
  var texts: [String] = []

  @Option(
    help: "A checkpoint, by path or name: its own vocabulary, else OpenAI's, which is built in.")
  var model: String?

  @Option(
    help: "A folder with vocab.json and merges.txt, or bpe_simple_vocab_16e6.txt, gzipped or not.")
  var vocab: String?

  @Option(help: "A UTF-8 file with one text per line, tokenized after the arguments.")
  var input: String?

  @Flag(help: "Cut texts that are too long; the last id is then the end token.")
  var truncate = false

  @Flag(help: "Print one JSON array of ids per text, each on its line, without padding.")
  var json = false

  func validate() throws {
    guard (model == nil) != (vocab == nil) else {
      throw ValidationError("Give one of --model and --vocab.")
    }
    guard !texts.isEmpty || input != nil else {
      throw ValidationError("Give texts as arguments or with --input.")
    }
  }

  func run() throws {
    let tokenizer = try self.tokenizer()
    for (text, origin) in try allTexts() {
      let tokens: [Int32]
      do {
        tokens = try tokenizer.tokenize(text, truncate: truncate)
      } catch var error as EvalError {
        error.subject = [origin, error.subject].compactMap(\.self).joined(separator: ": ")
        throw error
      }
      try Output.line(json ? try CanonicalJSON.string(tokens) : try table(tokens, tokenizer))
    }
  }

  private func tokenizer() throws -> CLIPTokenizer {
    if let vocab { return try CLIPTokenizer(contentsOf: URL(filePath: vocab)) }
    let located = try ModelLocator().locate(model ?? "")
    // Tokens do not depend on the activation, which many weight files do not name.
    let checkpoint = try Checkpoint(
      located.url, activation: located.entry?.activation ?? .quickGELU)
    try located.check(checkpoint)
    return try checkpoint.tokenizer()
  }

  /// Texts with the file and line they come from.
  private func allTexts() throws -> [(text: String, origin: String?)] {
    var all: [(text: String, origin: String?)] = texts.map { ($0, nil) }
    if let input {
      let lines = try TextLines.read(URL(filePath: input))
      all += lines.enumerated().map { ($0.element, "\(input):\($0.offset + 1)") }
    }
    return all
  }

  private func table(_ tokens: [Int32], _ tokenizer: CLIPTokenizer) throws -> String {
    try tokens.map { "\($0)\t\(try tokenizer.spelling(of: $0))" }.joined(separator: "\n") + "\n"
  }
}
