package import Core
package import Foundation

/// A few-shot split as a file: which samples by their ids, of which splits, and how they were drawn. Canonical JSON with a line feed
/// behind; the split's hash is the SHA-256 of the file.
package struct FewShotSplitFile: Codable, Sendable, Equatable {
  package static let currentFormat = "clip-eval few-shot split 1"

  package struct ClassExamples: Codable, Sendable, Equatable {
    package var id: String
    /// Sample ids in the order drawn.
    package var train: [String]
    package var validation: [String]
  }

  /// A split that samples are of, told from others by `ClassStrata.hash`.
  package struct SplitIdentity: Codable, Sendable, Equatable {
    package var name: String
    package var hash: SHA256Digest

    package init(name: String, hash: SHA256Digest) {
      self.name = name
      self.hash = hash
    }
  }

  package var format = currentFormat
  package var dataset: String
  package var shots: Int
  /// Nil where an imported file does not tell.
  package var seed: UInt64?
  /// Generator, or the file it was imported from.
  package var origin: String
  package var train: SplitIdentity
  /// What the validation examples are of; nil when there are none.
  package var validation: SplitIdentity?
  /// Every class of the dataset, in its order.
  package var classes: [ClassExamples]

  /// - Parameters:
  ///   - strata: of the training split.
  ///   - validation: name and strata of the split that `split.validationSource` names, when that is the official one.
  package init(
    _ split: FewShotSplit, dataset: String, trainName: String, strata: ClassStrata,
    validation: (name: String, strata: ClassStrata)? = nil
  ) throws(EvalError) {
    self.dataset = dataset
    shots = split.shots
    seed = split.seed
    origin = split.origin
    train = SplitIdentity(name: trainName, hash: strata.hash)
    var source = strata
    switch split.validationSource {
    case .none: self.validation = nil
    case .training: self.validation = train
    case .validation:
      guard let validation else {
        throw EvalError(.bug, "the validation split of a few-shot split is not given")
      }
      source = validation.strata
      self.validation = SplitIdentity(name: validation.name, hash: source.hash)
    }
    classes = strata.classIDs.map { ClassExamples(id: $0, train: [], validation: []) }
    for row in split.trainRows { classes[strata.labels[row]].train.append(strata.ids[row]) }
    for row in split.validationRows {
      classes[source.labels[row]].validation.append(source.ids[row])
    }
  }

  package func bytes() throws -> Data { try CanonicalJSON.encode(self) + Data("\n".utf8) }

  /// - Returns: the split's hash.
  @discardableResult
  package func write(to url: URL) throws -> SHA256Digest {
    let bytes = try bytes()
    try AtomicFile.write(bytes, to: url)
    return SHA256.hash(bytes)
  }

  /// - Returns: the split with its hash.
  /// - Throws: `EvalError.notFound` or `EvalError.malformedData`.
  package static func read(_ url: URL) throws -> (file: FewShotSplitFile, hash: SHA256Digest) {
    let bytes = try readFile(url)
    do {
      let file = try JSONDecoder().decode(FewShotSplitFile.self, from: bytes)
      guard file.format == currentFormat, file.shots > 0 else {
        throw EvalError(
          .malformedData,
          "expected format \"\(currentFormat)\" and 1 shot or more, found \"\(file.format)\" and \(file.shots)",
          subject: url.path)
      }
      return (file, SHA256.hash(bytes))
    } catch let error as DecodingError {
      throw EvalError(
        .malformedData, "expected a few-shot split: \(error.place)", subject: url.path)
    }
  }

  /// The rows that the file names.
  ///
  /// - Parameters:
  ///   - strata: of the training split.
  ///   - validation: of the official validation split, where the file has examples of it.
  ///   - subject: the file, for messages.
  /// - Throws: `EvalError.malformedData` where the splits are others than those it was drawn from, for a sample that is not there,
  ///   is there twice or is of another class.
  package func split(
    in strata: ClassStrata, validation official: ClassStrata? = nil, subject: String
  ) throws(EvalError) -> FewShotSplit {
    let source: FewShotSplit.Source =
      validation == nil ? .none : validation == train ? .training : .validation
    try Self.require(strata, train, subject)
    let validationStrata = source == .validation ? official : strata
    if let validation {
      guard let validationStrata else {
        throw EvalError(
          .malformedData,
          "its validation examples are of the split `\(validation.name)`, which is not there",
          subject: subject)
      }
      try Self.require(validationStrata, validation, subject)
    }
    guard classes.map(\.id) == strata.classIDs else {
      throw EvalError(
        .malformedData, "expected the dataset's \(strata.classIDs.count) classes in their order",
        subject: subject)
    }
    var result = FewShotSplit(
      shots: shots, seed: seed, origin: origin, validationSource: source)
    var train = SampleLookup(strata, subject: subject)
    var others = SampleLookup(validationStrata ?? strata, subject: subject)
    for (owner, examples) in classes.enumerated() {
      result.trainRows += try train.take(examples.train, of: owner)
      if source == .validation {
        result.validationRows += try others.take(examples.validation, of: owner)
      } else {
        result.validationRows += try train.take(examples.validation, of: owner)
      }
    }
    result.fillCounts(train: strata, validation: validationStrata)
    return result
  }

  private static func require(
    _ strata: ClassStrata, _ identity: SplitIdentity, _ subject: String
  ) throws(EvalError) {
    guard strata.hash == identity.hash else {
      throw EvalError(
        .malformedData,
        "it was drawn from another copy of the split `\(identity.name)`: expected samples with hash \(identity.hash.hex.prefix(16))…, found \(strata.hash.hex.prefix(16))…",
        subject: subject,
        remedy: "Use the samples it was drawn from, or draw anew.")
    }
  }
}

/// Rows by sample id, each given once.
private struct SampleLookup {
  let strata: ClassStrata
  let subject: String
  private var rows: [String: Int]
  private var isTaken: [Bool]

  init(_ strata: ClassStrata, subject: String) {
    self.strata = strata
    self.subject = subject
    rows = Dictionary(
      strata.ids.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
    isTaken = [Bool](repeating: false, count: strata.ids.count)
  }

  mutating func take(_ ids: [String], of owner: Int) throws(EvalError) -> [Int] {
    var found: [Int] = []
    for id in ids {
      let name = strata.classIDs[owner]
      guard let row = rows[id], strata.labels[row] == owner else {
        throw EvalError(
          .malformedData, "class `\(name)` has no sample `\(id)` in this split", subject: subject)
      }
      guard !isTaken[row] else {
        throw EvalError(.malformedData, "sample `\(id)` is listed twice", subject: subject)
      }
      isTaken[row] = true
      found.append(row)
    }
    return found
  }
}
