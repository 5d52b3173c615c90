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

  /// The task's, the main metric first.
  package var rows: [ResultRow]
  package var classes: [ClassName]
  /// Of each class.
  package var counts: PerClassCounts
  /// Most samples first.
  package var confusions: [Confusion]
  /// Nil where the probability of predictions is not known.
  package var calibration: Calibration?
  /// The most certain first, one for each pair of classes before a second of any.
  package var errors: [WrongSample]
  /// Empty in a report of one run.
  package var run: String

  package init(
    rows: [ResultRow], classes: [ClassName], counts: PerClassCounts, confusions: [Confusion],
    calibration: Calibration?, errors: [WrongSample], run: String = ""
  ) {
    self.rows = rows
    self.classes = classes
    self.counts = counts
    self.confusions = confusions
    self.calibration = calibration
    self.errors = errors
    self.run = run
  }

  /// Samples with a wrong prediction.
  package var errorCount: Int { confusions.reduce(0) { $0 + $1.count } }

  func name(_ number: Int) -> String {
    classes.indices.contains(number) ? classes[number].name : "class \(number)"
  }
}
