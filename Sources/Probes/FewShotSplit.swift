/// A class with fewer examples than were asked for.
package struct ShortClass: Sendable, Codable, Equatable {
  package var id: String
  package var available: Int

  package init(id: String, available: Int) {
    self.id = id
    self.available = available
  }
}

/// The rows of one few-shot probe.
package struct FewShotSplit: Sendable, Equatable {
  package enum Source: String, Sendable, Codable {
    /// Further examples of the training split.
    case training
    /// Examples of the official validation split.
    case validation
    case none

    init(_ choice: FewShotSampler.Validation) {
      self =
        switch choice {
        case .training: .training
        case .split: .validation
        case .none: .none
        }
    }
  }

  /// Examples a class, as asked for.
  package let shots: Int
  /// Nil where a file from elsewhere does not tell.
  package let seed: UInt64?
  /// What made it: `ClassStrata.generator`, or the file it was imported from.
  package let origin: String
  /// What `validationRows` are rows of.
  package let validationSource: Source
  /// Of the training split: class by class in their order, each class in the order drawn.
  package var trainRows: [Int] = []
  /// Of the split that `validationSource` names, in the same order.
  package var validationRows: [Int] = []
  /// Classes with fewer than `shots` training examples: they have no more.
  package var shortClasses: [ShortClass] = []
  /// Ids of the classes without a validation example; empty when none were to be drawn.
  package var classesWithoutValidation: [String] = []

  package init(shots: Int, seed: UInt64?, origin: String, validationSource: Source) {
    self.shots = shots
    self.seed = seed
    self.origin = origin
    self.validationSource = validationSource
  }
}

extension FewShotSplit {
  /// Finds the short classes and those without validation examples among the rows.
  mutating func fillCounts(train: ClassStrata, validation: ClassStrata?) {
    func counts(_ rows: [Int], _ strata: ClassStrata) -> [Int] {
      var counts = [Int](repeating: 0, count: train.classIDs.count)
      for row in rows { counts[strata.labels[row]] += 1 }
      return counts
    }
    shortClasses = zip(train.classIDs, counts(trainRows, train)).filter { $1 < shots }
      .map { ShortClass(id: $0, available: $1) }
    guard validationSource != .none, let validation else { return }
    classesWithoutValidation =
      zip(train.classIDs, counts(validationRows, validation)).filter { $1 == 0 }.map(\.0)
  }
}
