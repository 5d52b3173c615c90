package import Core

/// Draws k examples of each class, and a few further ones to choose C with.
///
/// Training examples are the first k of the class's order for the seed (`ClassStrata`), so the k-shot set of a seed is part of its 2k-shot set,
/// and every model gets the same. Validation examples are the last min(k, 4) of the same order, as far as training left them: they are
/// disjoint from the training examples, and what a smaller k validates with is part of what a larger k does.
///
/// - A class with fewer than k samples gives all it has (`FewShotSplit.shortClasses`).
/// - A class of which nothing is left for validation has no part in it (`classesWithoutValidation`); one of which less than min(k, 4) is left
///   gives that.
/// - Nothing is drawn when no class has k samples: it would be the whole split under another name.
package struct FewShotSampler: Sendable {
  package let strata: ClassStrata
  private let subject: String

  /// The paper's numbers of examples a class.
  package static let paperShots = [1, 2, 4, 8, 16]

  package init(_ strata: ClassStrata, subject: String) {
    self.strata = strata
    self.subject = subject
  }

  /// Where validation examples come from.
  package enum Validation: Sendable {
    /// min(k, 4) further examples a class of the training split: the default.
    case training
    /// min(k, 4) examples a class of the official validation split.
    case split(ClassStrata)
    /// Nothing is drawn: C is fixed, chosen on the whole validation split, or by cross-validation.
    case none
  }

  package static func validationShots(_ shots: Int) -> Int { min(shots, 4) }

  /// - Throws: `EvalError.usage` for fewer than one example, `EvalError.malformedData` where no class has so many, or where the
  ///   validation split has other classes.
  package func split(
    shots: Int, seed: UInt64, validation: Validation = .training
  ) throws(EvalError) -> FewShotSplit {
    guard shots > 0 else {
      throw EvalError(
        .usage, "expected at least 1 example a class, found \(shots)", subject: subject)
    }
    let largest = strata.counts.max() ?? 0
    guard shots <= largest else {
      throw EvalError(
        .malformedData,
        "\(shots) examples a class were asked for, but no class has more than \(largest)",
        subject: subject, remedy: "Ask for \(largest) or fewer, or probe the whole split.")
    }
    if case .split(let other) = validation, other.classIDs != strata.classIDs {
      throw EvalError(
        .malformedData, "the validation split has other classes than the training split",
        subject: subject)
    }
    let wanted = Self.validationShots(shots)
    var result = FewShotSplit(
      shots: shots, seed: seed, origin: ClassStrata.generator,
      validationSource: FewShotSplit.Source(validation))
    for owner in strata.classIDs.indices {
      let order = strata.shuffled(owner, for: .fewShot, seed: seed)
      result.trainRows += order.prefix(shots)
      let drawn: ArraySlice<Int>
      switch validation {
      case .none: continue
      case .training: drawn = order.dropFirst(shots).suffix(wanted)
      case .split(let other):
        drawn = other.shuffled(owner, for: .fewShot, seed: seed).suffix(wanted)
      }
      result.validationRows += drawn.reversed()
    }
    if case .split(let other) = validation {
      result.fillCounts(train: strata, validation: other)
    } else {
      result.fillCounts(train: strata, validation: strata)
    }
    return result
  }
}
