import Core
import Foundation
import TensorFiles
import TestSupport
import Testing

import CLIPModels

/// A checkpoint that is damaged or made to do harm, and what has to come of it.
struct HostileFile: Sendable, CustomTestStringConvertible {
  enum Outcome: Sendable {
    /// An error whose text contains this.
    case refused(String)
    /// The damage may leave a file that can be read, with other values: an error or a checkpoint.
    case any
    /// What the damage touches means nothing: the values are those of the file at this path of the fixtures.
    case reads(like: String)
  }

  let name: String
  /// What is opened: a name among the files, or the folder.
  let opened: String
  let outcome: Outcome
  /// Names and contents, made when they are needed: some are large.
  let files: @Sendable () throws -> [String: Data]

  var testDescription: String { name }

  init(
    _ name: String, _ outcome: Outcome, opened: String = "",
    files: @escaping @Sendable () throws -> [String: Data]
  ) {
    (self.name, self.opened, self.outcome, self.files) = (name, opened, outcome, files)
  }

  /// Reads everything that `inspect` shows and `embed` loads, and every tensor beside that.
  private static func read(_ url: URL) throws -> any TensorFile {
    let checkpoint = try Checkpoint(url)
    let file = checkpoint.weights
    for name in file.contents.keys {
      let tensor = try file.tensor(name)
      _ = try tensor.type.isFloatingPoint ? tensor.floats().count : tensor.integers().count
      file.release(tensor)
    }
    _ = try checkpoint.weightsHash()
    _ = try checkpoint.preprocessing()
    _ = try checkpoint.textTower()
    _ = try checkpoint.imageTower(forImages: 1)
    if Checkpoint.vocabulary(in: checkpoint.folder) != nil {
      _ = try checkpoint.tokenizer().tokenize("a photo of a café", truncate: true)
    }
    return file
  }

  /// - Returns: what is wrong with the outcome; nil when it is as it has to be.
  func problem() throws -> String? {
    let folder = try TemporaryFolder()
    for (name, data) in try files() { try data.write(to: folder.url.appending(path: name)) }
    do {
      let file = try Self.read(opened.isEmpty ? folder.url : folder.url.appending(path: opened))
      switch outcome {
      case .refused(let text): return "was read, expected an error: \(text)"
      case .any: return nil
      case .reads(let path):
        let original = try openTensorFile(TestPaths.fixtures.appending(path: path))
        guard original.contents == file.contents else { return "holds other tensors" }
        for name in original.contents.keys
        where try !original.tensor(name).bytes.elementsEqual(file.tensor(name).bytes) {
          return "\(name) has other values"
        }
        return nil
      }
    } catch let error as EvalError {
      let text = error.description
      guard [.malformedData, .notFound, .usage].contains(error.kind) else {
        return "is an error of kind \(error.kind): \(text)"
      }
      guard text.contains(folder.url.path) else { return "the error names no file: \(text)" }
      guard text.utf8.count < 2000 else { return "the error has \(text.utf8.count) bytes" }
      switch outcome {
      case .refused(let expected):
        return text.contains(expected) ? nil : "expected \"\(expected)\", found: \(text)"
      case .any: return nil
      case .reads: return "is refused: \(text)"
      }
    }
  }
}

/// SplitMix64 (Steele, Lea and Flood 2014): the same damage every time.
struct Damage {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next(below limit: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((z ^ (z >> 31)) % UInt64(limit))
  }

  /// One bit of a range turned over.
  mutating func flip(_ data: Data, in range: Range<Int>) -> Data {
    var data = data
    data[range.lowerBound + next(below: range.count)] ^= 1 << UInt8(next(below: 8))
    return data
  }
}

extension Data {
  /// Where a pattern begins.
  func positions(of pattern: String) -> [Int] {
    let pattern = Data(pattern.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
    var found: [Int] = []
    var start = startIndex
    while let range = range(of: pattern, in: start..<endIndex) {
      found.append(range.lowerBound)
      start = range.upperBound
    }
    return found
  }

  /// The first occurrence of a text replaced.
  func replacing(_ old: String, _ new: String) throws -> Data {
    let found = range(of: Data(old.utf8))
    let range = try #require(found, "no \(old)")
    var data = self
    data.replaceSubrange(range, with: Data(new.utf8))
    return data
  }
}

/// A file of the fixtures.
func fixture(_ path: String) throws -> Data {
  try Data(contentsOf: TestPaths.fixtures.appending(path: path))
}
