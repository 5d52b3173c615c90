/// Which of C classes each of N images shows: the labels of a multi-label dataset.
package struct LabelMatrix: Sendable, Equatable {
  /// With the numbers that PASCAL VOC's lists use.
  package enum Label: Int8, Sendable, CaseIterable {
    case negative = -1
    /// Shown, but only where it is hard to see: the image is neither right nor wrong for the class.
    case difficult = 0
    case positive = 1
  }

  package let classCount: Int
  /// N × C, row-major.
  package private(set) var labels: [Label] = []

  package init(classCount: Int) { self.classCount = classCount }

  /// N.
  package var count: Int { classCount > 0 ? labels.count / classCount : 0 }

  /// - Parameter row: the labels of one more image, one a class.
  package mutating func append(_ row: some Collection<Label>) {
    precondition(row.count == classCount, "one label for each class")
    labels += row
  }

  package func row(_ index: Int) -> ArraySlice<Label> {
    labels[index * classCount..<(index + 1) * classCount]
  }

  /// Some of the images, in the given order.
  package func rows(_ wanted: some Sequence<Int>) -> LabelMatrix {
    var result = LabelMatrix(classCount: classCount)
    for index in wanted { result.labels += row(index) }
    return result
  }

  /// Images with this label, for each class.
  package func counts(of label: Label) -> [Int] {
    var counts = [Int](repeating: 0, count: classCount)
    for index in 0..<count {
      for (owner, found) in row(index).enumerated() where found == label { counts[owner] += 1 }
    }
    return counts
  }
}
