import Core
import Foundation

/// Listed frames of videos, in sets that are right or wrong as a whole, with the classes that each may be called.
struct FramesInSets {
  private let classes: [DatasetClass]
  private let base: URL
  private var files: ListedFiles
  private var labels: LabelMatrix
  private var numbers: [Int] = []
  private var isAnchor: [Bool] = []
  private var groups: [String] = []
  private var folders: Set<String> = []
  private(set) var setCount = 0

  init(base: URL, classes: [DatasetClass]) {
    self.base = base
    self.classes = classes
    files = ListedFiles(base: base)
    labels = LabelMatrix(classCount: classes.count)
  }

  /// Adds a set.
  ///
  /// - Parameters:
  ///   - frames: path below the base, positions of the classes it may be called, and whether it is the anchor, as one is.
  ///   - group: what sets are drawn in.
  ///   - place: of the set in its list, for errors.
  mutating func add(
    _ frames: [(path: String, labels: [Int], isAnchor: Bool)], group: String,
    at place: String = "the list of frames"
  ) throws {
    for frame in frames {
      try files.add(frame.path, label: DatasetSample.noLabel, at: place)
      labels.append(
        classes.indices.map { frame.labels.contains($0) ? .positive : .negative })
      numbers.append(setCount)
      isAnchor.append(frame.isAnchor)
      groups.append(group)
      if let slash = frame.path.lastIndex(of: "/") { folders.insert(String(frame.path[..<slash])) }
    }
    setCount += 1
  }

  /// - Parameter unit: what the groups are.
  func draft(layout: String, unit: String) throws -> IndexDraft {
    var draft = IndexDraft(layout: layout, classes: classes)
    draft.samples = files.samples
    draft.multiLabels = labels
    draft.frameSets = FrameSets(numbers: numbers, isAnchor: isAnchor)
    draft.groups = SampleGroups(unit: unit, keys: groups)
    let listed = Set(draft.samples.map(\.id))
    for folder in folders {
      guard let entries = try? listFolder(base.path + "/" + folder).entries else { continue }
      draft.ignored += entries.map { "\(folder)/\($0.name)" }.filter { !listed.contains($0) }
    }
    return draft
  }
}
