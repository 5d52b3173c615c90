import Core
import Datasets
import Experiments
import Foundation
import Imaging
import Metrics

/// What a reader of predictions sees in place of class numbers and sample ids.
struct ShownSplit {
  struct Class {
    var id: String
    /// As the prompts call it.
    var name: String
  }

  /// In the order of the predictions' numbers.
  var classes: [Class] = []
  /// Of a sample by its place in the split; nil where the images are not at hand.
  var image: ((Int) -> ImageSource)?
}

extension RunFolder {
  /// Wrong predictions of which a task keeps a picture.
  static let pictureCount = 12
  /// Pixels along the longer side.
  private static let pictureSide = 96

  /// Id and name of each class beside a task's predictions, in the order of their numbers: `<dataset>.classes.tsv`. Single templates have the
  /// classes of their set.
  func write(_ classes: [ShownSplit.Class], task: PlannedTask, fileName: String) throws {
    guard !classes.isEmpty, isScratch || !task.isOfSingleTemplate else { return }
    let lines = classes.map { "\(Self.escaped($0.id))\t\(Self.escaped($0.name))\n" }
    try AtomicFile.write(
      "id\tname\n" + lines.joined(),
      to: predictionFolder(of: task).appending(path: "\(fileName).classes.tsv"))
  }

  /// The same, and pictures of the task's typical errors: `<dataset>.errors/<index>.jpg`.
  ///
  /// - Parameters:
  ///   - rows: of the samples in their split.
  func write(
    _ shown: ShownSplit, of predictions: Predictions, rows: [Int], task: PlannedTask,
    fileName: String
  ) throws {
    try write(shown.classes, task: task, fileName: fileName)
    guard task.isShown, !isScratch, !shown.classes.isEmpty else { return }
    try writePictures(
      of: shown.image == nil
        ? [] : predictions.typicalErrors(limit: Self.pictureCount).map { rows[$0] },
      image: shown.image, task: task, fileName: fileName)
  }

  /// `<fileName>.errors/<index>.jpg`, in place of those of an earlier run.
  /// - Parameters:
  ///   - places: of samples in their split.
  ///   - image: of a sample by its place.
  func writePictures(
    of places: [Int], image: ((Int) -> ImageSource)?, task: PlannedTask, fileName: String
  ) throws {
    guard !isScratch else { return }
    let pictures = predictionFolder(of: task).appending(path: "\(fileName).errors")
    if FileManager.default.fileExists(atPath: pictures.path) { try AtomicFile.remove(pictures) }
    guard let image else { return }
    for place in places {
      try Interruption.check()
      guard
        let jpeg = try SmallPicture.jpeg(
          of: image(place), size: .longerSide(Self.pictureSide), quality: 80)
      else { continue }
      try AtomicFile.write(jpeg, to: pictures.appending(path: "\(place).jpg"))
    }
  }

  /// Backslash, tab and line break as `\\`, `\t` and `\n`.
  private static func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\t", with: "\\t").replacing("\n", with: "\\n")
      .replacing("\r", with: " ")
  }
}

extension PlannedTask {
  /// Whether reports show its single predictions. Those of single templates and single draws would be too many.
  var isShown: Bool {
    let experiments = [
      ZeroShotExperiment.name, ProbeExperiment.linear, ProbeExperiment.knn,
      RetrievalExperiment.name,
    ]
    return experiments.contains(experiment) && !isOfSingleTemplate
  }

  var isOfSingleTemplate: Bool { (try? TemplateReference(templates))?.number != nil }

  /// Pictures are of test samples; the list of a training split's files, which may be long, is let go of.
  func isTested(on split: String) -> Bool { probe?.rounds.contains { $0.test == split } == true }
}

extension Predictions {
  /// The most certain wrong predictions. Where confidence is not known it is the lead of the best score that counts.
  func typicalErrors(limit: Int) -> [Int] {
    TypicalErrors.choose(
      labels: labels, predictions: prediction,
      certainty: confidence.count == count ? confidence : leads, limit: limit)
  }

  /// By how much each best score leads the second; 0 where scores are not at hand.
  private var leads: [Float] {
    guard scores.count == count * Self.width else { return [Float](repeating: 0, count: count) }
    return (0..<count).map { sample in
      let first = sample * Self.width
      return scores[first] - scores[first + 1]
    }
  }
}
