package import Statistics

/// The metrics by the names results record them under: the variant is part of the name.
package enum MetricName: String, Sendable, Codable, CaseIterable {
  /// Share of samples whose highest-scored class is the right one.
  case accuracy
  /// Share of samples whose right class is among the five highest-scored.
  case accuracyAt5 = "accuracy@5"
  /// Mean over classes of the share of the class's samples that are right.
  case meanPerClass = "mean-per-class"
  /// Mean of the two: Kinetics' metric.
  case meanTop1Top5 = "mean-top1-top5"
  /// Of two classes: the share of pairs of a positive and a negative sample of which the positive one has the higher score.
  case rocAUC = "ROC-AUC"
  /// Frames in sets: share of sets whose anchor is right.
  case pm0 = "pm-0"
  /// Frames in sets: share of sets of which every frame is right.
  case pm10 = "pm-10"
  /// Multi-label: mean over classes of VOC2007's average precision, interpolated at eleven recalls.
  case elevenPointMAP = "11-point-mAP"
  /// Multi-label: mean over classes of the area under the precision-recall curve, not interpolated.
  case areaMAP = "area-mAP"
  /// Mean over kinds of questions of the share that is right.
  case macroAccuracy = "macro-accuracy"
  /// Of two images and two captions: share of questions in which each image prefers its caption.
  case textScore = "text-score"
  /// The same in which each caption prefers its image.
  case imageScore = "image-score"
  /// The same in which both hold.
  case groupScore = "group-score"
  /// Share of images with one of their captions among the first k.
  case imageToTextRecallAt1 = "image-to-text-recall@1"
  case imageToTextRecallAt5 = "image-to-text-recall@5"
  case imageToTextRecallAt10 = "image-to-text-recall@10"
  /// Share of captions with their image among the first k.
  case textToImageRecallAt1 = "text-to-image-recall@1"
  case textToImageRecallAt5 = "text-to-image-recall@5"
  case textToImageRecallAt10 = "text-to-image-recall@10"

  /// Whether it is of images that show several classes each.
  package var isMultiLabel: Bool { self == .elevenPointMAP || self == .areaMAP }

  /// Whether it is of frames of videos in sets.
  package var isOfFrameSets: Bool { self == .pm0 || self == .pm10 }
}

/// A metric with what is needed to judge it. Values are fractions, 0…1.
package struct MetricValue: Sendable, Equatable {
  package var name: MetricName
  /// nil when no sample was evaluated.
  package var value: Double?
  package var interval95: Interval?
  package var interval99_5: Interval?
  /// Names the method with everything it depends on; nil without intervals.
  package var intervalMethod: String?
  /// Samples evaluated.
  package var count: Int
  /// What guessing classes uniformly at random is expected to give; of a mean average precision, about what ranking at random
  /// does: the mean over classes of the share of positive images.
  package var chance: Double?

  package init(
    name: MetricName, value: Double?, interval95: Interval?, interval99_5: Interval?,
    intervalMethod: String?, count: Int, chance: Double?
  ) {
    self.name = name
    self.value = value
    self.interval95 = interval95
    self.interval99_5 = interval99_5
    self.intervalMethod = intervalMethod
    self.count = count
    self.chance = chance
  }
}
