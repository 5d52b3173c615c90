/// How much of what grows with datasets, models and experiments a page holds, so that it stays quick to open: all of it in a report of
/// few tasks, of many the beginning of each list. What is left out is in the files of the run, and the page says so.
struct PageBudget {
  /// Rows of per-class accuracy, a task.
  let classRows: Int
  let errors: Int
  let confusions: Int
  /// Pictures, a task.
  let pictures: Int

  /// Of all tasks together.
  private static let mostClassRows = 4000
  private static let mostErrors = 2000
  private static let mostConfusions = 4000
  private static let mostPictureBytes = 3_000_000

  init(_ details: [DatasetDetail]) {
    classRows = Self.limit(details.map(\.classes.count), total: Self.mostClassRows)
    errors = Self.limit(details.map(\.wrongCount), total: Self.mostErrors)
    confusions = Self.limit(
      details.map { min($0.confusions.count, 10) }, total: Self.mostConfusions)
    let sizes = details.flatMap { $0.pictures.map(\.count) }
    let mean = sizes.isEmpty ? 1 : max(1, sizes.reduce(0, +) / sizes.count)
    // Base 64 makes four bytes of three.
    pictures = Self.limit(
      details.map(\.pictures.count),
      total: Self.mostPictureBytes * 3 / (4 * mean))
  }

  /// The largest limit with which all lists, each cut there, have no more than `total` entries together.
  static func limit(_ counts: [Int], total: Int) -> Int {
    var rest = total
    var limit = 0
    let sorted = counts.sorted()
    for (place, count) in sorted.enumerated() {
      let lists = sorted.count - place
      let step = min(count - limit, rest / lists)
      limit += step
      rest -= step * lists
      if limit < count { return limit }
    }
    return limit
  }
}
