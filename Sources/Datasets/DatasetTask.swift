/// What a dataset's samples come with, and so which experiments it is for.
package enum DatasetTask: String, Sendable, Codable, CaseIterable {
  /// Every image has one class.
  case classification
  /// Every image shows any number of the classes.
  case multiLabel = "multi-label"
  /// Every image has captions of its own, and no class.
  case captions
  /// Images, and captions of which some fit and others almost do.
  case composition
}
