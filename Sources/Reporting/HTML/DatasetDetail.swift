package import Core
package import Experiments
package import Foundation
package import Metrics

/// What single predictions tell of one task: a model on a dataset under one choice of words, or as probed.
package struct DatasetDetail: Sendable {
  package struct ClassName: Sendable {
    package var id: String
    /// As the prompts call it.
    package var name: String

    package init(id: String, name: String) {
      self.id = id
      self.name = name
    }
  }

  /// A class among the five best.
  package struct Guess: Sendable {
    package var classNumber: Int
    /// Nil where scores are no logits.
    package var probability: Double?

    package init(classNumber: Int, probability: Double?) {
      self.classNumber = classNumber
      self.probability = probability
    }
  }

  /// A wrong prediction.
  package struct WrongSample: Sendable {
    package var id: String
    package var label: Int
    /// Best first.
    package var guesses: [Guess]
    /// Nil where no picture was kept.
    package var jpeg: Data?

    package init(id: String, label: Int, guesses: [Guess], jpeg: Data?) {
      self.id = id
      self.label = label
      self.guesses = guesses
      self.jpeg = jpeg
    }
  }

  /// How well a class ranks the images that show it.
  package struct ClassPrecision: Sendable {
    /// Images that show it.
    package var positives: Int
    /// By the task's main metric; nil where no image shows the class.
    package var value: Double?

    package init(positives: Int, value: Double?) {
      self.positives = positives
      self.value = value
    }
  }

  /// The task's, the main metric first.
  package var rows: [ResultRow]
  package let classes: [ClassName]
  /// Of each class.
  package var counts: PerClassCounts
  /// Most samples first.
  package var confusions: [Confusion]
  /// Nil where the probability of predictions is not known.
  package var calibration: Calibration?
  /// The most certain first, one for each pair of classes before a second of any.
  package var errors: [WrongSample]
  /// Of each class, where images show several, in place of all that right and wrong answers tell.
  package var precisions: [ClassPrecision]?
  /// Of retrieval, which has no classes, in place of all of the above.
  package var misses: MissedCaptions?
  /// Empty in a report of one run.
  package var run: String

  /// Names that several classes have, as two of ImageNet's are called missile.
  private let sharedNames: Set<String>

  package init(
    rows: [ResultRow], classes: [ClassName], counts: PerClassCounts, confusions: [Confusion] = [],
    calibration: Calibration? = nil, errors: [WrongSample] = [],
    precisions: [ClassPrecision]? = nil, run: String = ""
  ) {
    self.rows = rows
    self.classes = classes
    self.counts = counts
    self.confusions = confusions
    self.calibration = calibration
    self.errors = errors
    self.precisions = precisions
    self.run = run
    sharedNames = Set(Dictionary(grouping: classes, by: \.name).filter { $1.count > 1 }.keys)
  }

  /// Of retrieval.
  package init(rows: [ResultRow], misses: MissedCaptions, run: String = "") throws(EvalError) {
    self.init(
      rows: rows, classes: [],
      counts: try PerClassCounts(labels: [], predictions: [], classCount: 0), run: run)
    self.misses = misses
  }

  /// Wrong samples that a page may show.
  var wrongCount: Int { misses?.images.count ?? errors.count }

  /// Those with a picture.
  var pictures: [Data] {
    misses.map { $0.images.compactMap(\.jpeg) } ?? errors.compactMap(\.jpeg)
  }

  /// Samples with a wrong prediction.
  package var errorCount: Int { confusions.reduce(0) { $0 + $1.count } }

  /// What a reader knows a class by: its name, with its id where others have the same name.
  func name(_ number: Int) -> String {
    guard classes.indices.contains(number) else { return "class \(number)" }
    let (id, name) = (classes[number].id, classes[number].name)
    return sharedNames.contains(name) ? "\(name) (\(id))" : name
  }
}
