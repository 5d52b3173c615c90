package import Core

/// What a run says of each sample of one evaluation: its files of predictions, as values.
package struct RecordedSamples: Sendable, Equatable {
  /// Two images and two captions of a composition test, or one image.
  package struct Answers: Sendable, Equatable {
    /// Scores of a question, image by image, with the first and the second caption.
    package var scores: [[Double]]

    package init(scores: [[Double]]) { self.scores = scores }
  }

  package var ids: [String]
  /// Empty for tests of composition.
  package var predictions = Predictions()
  /// Ids of the classes, by number; nil where a run does not tell.
  package var classes: [String]?
  /// What prompts call classes, by id: of those whose name is another word than their id.
  package var classNames: [String: String] = [:]
  /// Of retrieval: of the right answer.
  package var ranks: [Int]?
  /// Of samples that show several classes.
  package var labels: LabelMatrix?
  /// N × C, beside `labels`.
  package var classScores: [Float]?
  /// Whether each prediction is right, where several would be.
  package var isRight: [Bool]?
  package var answers: Answers?
  package var groups: [Int]?
  package var folds: [Int]?
  package var frameSets: FrameSets?

  package init(ids: [String]) { self.ids = ids }

  package var count: Int { ids.count }

  /// What a sample is called where it is compared: ids are unique in a fold only.
  func key(_ sample: Int) -> String {
    folds.map { "\(ids[sample])\0\($0[sample])" } ?? ids[sample]
  }

  /// The class of a number, as people and other runs know it.
  func className(_ number: Int) -> String {
    classes.flatMap { $0.indices.contains(number) ? $0[number] : nil } ?? "class \(number)"
  }

  /// Whether each sample is right in its highest score; nil of a sample, or of all, where that is not known.
  func correctness(_ sample: Int) -> Bool? {
    if let ranks { return ranks[sample] == 1 }
    if let isRight { return isRight[sample] }
    if let answers {
      let scores = answers.scores[sample]
      return CompositionExperiment.Answer(item: sample, scores: scores).isTextRight
    }
    guard predictions.prediction.indices.contains(sample) else { return nil }
    let prediction = predictions.prediction[sample]
    if let labels {
      let row = labels.row(sample)
      return row.indices.contains(row.startIndex + prediction)
        ? row[row.startIndex + prediction] == .positive : false
    }
    return predictions.labels[sample] >= 0 ? predictions.labels[sample] == prediction : nil
  }
}

extension RecordedSamples {
  /// The rounds of one probe as one evaluation, of which metrics are means over rounds.
  /// - Parameter rounds: with the split that each was tested on; a sample of a split that several test on is one draw.
  package init(rounds: [(test: String, samples: RecordedSamples)]) {
    guard rounds.count > 1 else {
      self = rounds.first?.samples ?? RecordedSamples(ids: [])
      return
    }
    self.init(ids: rounds.flatMap(\.samples.ids))
    classes = rounds[0].samples.classes
    classNames = rounds[0].samples.classNames
    for round in rounds { predictions.append(contentsOf: round.samples.predictions) }
    var numbers: [String: Int] = [:]
    groups = rounds.flatMap { round in
      round.samples.ids.indices.map { sample in
        let own = round.samples.groups.map { "\($0[sample])" } ?? round.samples.ids[sample]
        let key = "\(round.test)\0\(own)"
        let number = numbers[key] ?? numbers.count
        numbers[key] = number
        return number
      }
    }
    let width = (rounds.flatMap { $0.samples.folds ?? [0] }.max() ?? 0) + 1
    folds = rounds.enumerated().flatMap { number, round in
      round.samples.ids.indices.map { number * width + (round.samples.folds?[$0] ?? 0) }
    }
  }
}
