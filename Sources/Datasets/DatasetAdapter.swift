package import Foundation

/// Knows one dataset: its facts, and the layouts in which people have it on disk.
package protocol DatasetAdapter: Sendable {
  var info: DatasetInfo { get }

  /// What may be chosen besides the split; nothing for most datasets.
  var options: [DatasetOption] { get }

  /// Every class of the dataset, for containers, whose numbers mean what their lists of names say. Nil where there is no such list:
  /// then a container's names are the classes.
  var canonicalClasses: [DatasetClass]? { get }

  /// The samples of a split, without reading any pixels of image files.
  ///
  /// - Parameter root: the data folder, the dataset's own folder below it, or that folder itself.
  /// - Throws: `EvalError.notFound` saying what was looked for and where, `.malformedData` with file and position,
  ///   `.usage` for a split the dataset does not have.
  func index(root: URL, split: String) throws -> DatasetIndex

  /// The splits worth asking for below `root`, for `doctor`.
  func splits(root: URL) throws -> [String]

  /// The same dataset with some of its options chosen. Call `configured(_:)`, which checks them first.
  /// - Parameter choices: an allowed value for each option by name.
  func choosing(_ choices: [String: String]) throws -> any DatasetAdapter
}

extension DatasetAdapter {
  package var options: [DatasetOption] { [] }

  package var canonicalClasses: [DatasetClass]? { nil }

  package func splits(root: URL) throws -> [String] { info.splits.map(\.name) }

  package func choosing(_ choices: [String: String]) throws -> any DatasetAdapter { self }
}
