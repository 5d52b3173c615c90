import Core
import Experiments
import Foundation
import Statistics

/// What two classifiers of a robustness run said of the same images, by its predictions: how sure the difference of their accuracies is.
struct PairedClassifiers {
  /// A run folder.
  let run: URL
  let plan: [PlannedTask]

  /// The interval of the first's accuracy less zero-shot's: a paired bootstrap over images.
  /// - Parameter onBase: on the base's images instead of the shift's.
  /// - Returns: nil where there is not one file of predictions of each on the same images, where images may show several classes (frames in
  ///   sets), and where both are right on the same images.
  func interval(
    of classifier: RobustnessExperiment.Classifier, model: String, shift: String, onBase: Bool
  ) -> Interval? {
    guard let own = answers(classifier, model, shift, onBase),
      let zeroShot = answers(.zeroShot, model, shift, onBase), own.ids == zeroShot.ids,
      own.labels == zeroShot.labels, own.labels.allSatisfy({ $0 >= 0 })
    else { return nil }
    func right(_ answers: Answers) -> [Double] {
      zip(answers.labels, answers.predictions).map { $0 == $1 ? 1 : 0 }
    }
    return MeanBootstrap.difference(right(own), right(zeroShot))?.percentile
  }

  private typealias Answers = (ids: [String], labels: [Int], predictions: [Int])

  private func answers(
    _ classifier: RobustnessExperiment.Classifier, _ model: String, _ shift: String, _ onBase: Bool
  ) -> Answers? {
    let tasks = plan.filter {
      $0.robustness?.classifier == classifier && $0.modelName == model && $0.dataset == shift
    }
    guard let task = tasks.first, tasks.count == 1,
      let name = Plan.fileNames(of: plan)[task]
    else { return nil }
    let file = RunFolder(run).predictionFolder(of: task)
      .appending(path: "\(name)\(onBase ? ".base" : "")")
    guard let file = try? PredictionFile(file) else { return nil }
    return try? (file.ids(), file.labels(), file.predictions())
  }
}
