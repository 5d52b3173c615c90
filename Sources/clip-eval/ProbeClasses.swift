import Core
import EmbeddingStore
import Probes

/// The classes that the labels of several files number: joined by their ids where files record them.
struct ProbeClasses {
  /// In the order of the numbers; nil where the training file records none.
  private(set) var ids: [String]?
  let count: Int

  /// Those of the training file, and after them those that other files add.
  /// - Throws: `EvalError.malformedData` for files without labels, labels of different kinds, or more classes than there can be.
  init(
    of training: MappedFeatures, _ path: String,
    and others: [(path: String, source: MappedFeatures)]
  ) throws(EvalError) {
    let files = [(path: path, source: training)] + others
    for file in files where file.source.labels == nil && file.source.labelMatrix == nil {
      throw EvalError(
        .malformedData, "expected labels, found none", subject: file.path,
        remedy:
          "Put a tensor labels (N integers) into the file, or NAME.labels.npy beside NAME.npy.")
    }
    ids = training.classIDs
    if let matrix = training.labelMatrix {
      for other in others {
        guard let found = other.source.labelMatrix else {
          throw EvalError(
            .malformedData, "expected labels N×\(matrix.classCount) as in \(path), found one a row",
            subject: other.path)
        }
        guard found.classCount == matrix.classCount,
          ids == nil || other.source.classIDs == nil || ids == other.source.classIDs
        else {
          throw EvalError(
            .malformedData,
            "expected the \(matrix.classCount) classes of \(path), found \(found.classCount)"
              + (found.classCount == matrix.classCount ? " others" : ""), subject: other.path)
        }
      }
      count = matrix.classCount
    } else {
      var highest = -1
      for file in files {
        guard let labels = file.source.labels else {
          throw EvalError(
            .malformedData, "expected one label a row as in \(path), found several",
            subject: file.path)
        }
        if let row = labels.firstIndex(where: { $0 >= ProbeData.mostClasses }) {
          throw EvalError(
            .malformedData,
            "expected a class number below \(ProbeData.mostClasses), found \(labels[row])",
            subject: file.source.facts.place(ofRow: row),
            remedy: "Labels number the classes from 0.")
        }
        highest = max(highest, labels.max() ?? -1)
      }
      if var known = ids {
        var seen = Set(known)
        for other in others {
          known += (other.source.classIDs ?? []).filter { seen.insert($0).inserted }
        }
        ids = known
        count = known.count
      } else {
        count = highest + 1
      }
    }
    guard count > 1 else {
      throw EvalError(
        .malformedData, "expected samples of at least two classes, found \(count)", subject: path)
    }
  }

  /// - Throws: `EvalError.malformedData` naming the row for a label that is none of the classes.
  func labels(of file: MappedFeatures, _ path: String) throws(EvalError) -> ProbeLabels {
    if let matrix = file.labelMatrix { return .multiple(matrix) }
    guard let labels = file.labels else { throw EvalError(.bug, "a file without labels") }
    guard let ids else { return .single(labels) }
    guard let own = file.classIDs, own != ids else {
      if let row = labels.firstIndex(where: { $0 >= count }) {
        throw EvalError(
          .malformedData,
          "expected a class number from 0 to \(count - 1), as the training file has \(count) classes, found \(labels[row])",
          subject: file.facts.place(ofRow: row))
      }
      return .single(labels)
    }
    let position = Dictionary(ids.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
    let translated = own.compactMap { position[$0] }
    guard translated.count == own.count else { throw EvalError(.bug, "classes were not joined") }
    return .single(labels.map { translated[$0] })
  }

  func name(_ number: Int) -> String { ids.map { "\"\($0[number])\"" } ?? "\(number)" }

  /// Classes that no training sample shows.
  ///
  /// - Throws: `EvalError.malformedData` when fewer than two classes have training samples; unless absent classes may be left out, for the first
  ///   one, naming a row that shows it.
  func absent(
    from training: ProbeInput, others: [ProbeInput], _ choice: AbsentClasses
  ) throws(EvalError) -> [Int] {
    let counts = training.data.labels.counts(classCount: count)
    let present = counts.indices.filter { counts[$0] > 0 }
    guard present.count > 1 else {
      throw EvalError(
        .malformedData,
        "expected samples of at least two classes, found \(present.first.map { "those of class \(name($0)) only" } ?? "none")",
        subject: training.path)
    }
    let absent = counts.indices.filter { counts[$0] == 0 }
    guard choice == .error, let first = absent.first else { return absent }
    let remedy =
      "Add training samples of it, or say --absent-classes leave-out: it is then never predicted."
    for other in others {
      for owner in absent {
        guard let row = other.data.labels.firstRow(of: owner) else { continue }
        throw EvalError(
          .malformedData,
          "class \(name(owner)) has no training sample in \(training.path)",
          subject: other.source.facts.place(ofRow: row), remedy: remedy)
      }
    }
    throw EvalError(
      .malformedData, "class \(name(first)) of \(count) has no sample", subject: training.path,
      remedy: remedy)
  }
}

extension ProbeLabels {
  /// Samples that show each class.
  fileprivate func counts(classCount: Int) -> [Int] {
    switch self {
    case .single(let labels):
      var counts = [Int](repeating: 0, count: classCount)
      for label in labels { counts[label] += 1 }
      return counts
    case .multiple(let matrix): return matrix.counts(of: .positive)
    }
  }

  fileprivate func firstRow(of owner: Int) -> Int? {
    switch self {
    case .single(let labels): labels.firstIndex(of: owner)
    case .multiple(let matrix):
      (0..<matrix.count).first { row in
        let labels = matrix.row(row)
        return labels[labels.startIndex + owner] == .positive
      }
    }
  }
}
