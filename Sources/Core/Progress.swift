/// What a piece of work is counted in.
package enum ProgressUnit: Sendable {
  case items
  case bytes
}

/// Where long work says how far it is. Implementations are called from any thread.
package protocol ProgressSink: Sendable {
  /// A new piece of work of `total` units, named for people ("CIFAR10 images").
  func begin(_ label: String, total: Int)
  /// The same for work that is not counted in items. `total` is 0 where it is not known.
  func begin(_ label: String, total: Int, unit: ProgressUnit)
  /// `count` more units are done. `cached` units cost nothing and are left out of rates.
  func advance(_ count: Int, cached: Bool)
  /// `count` more units are done with, and nothing came of them.
  func advanceUnreadable(_ count: Int)
  func end()
}

extension ProgressSink {
  package func advanceUnreadable(_ count: Int) { advance(count, cached: false) }

  package func begin(_ label: String, total: Int, unit: ProgressUnit) {
    begin(label, total: total)
  }
}

/// Says nothing.
package struct SilentProgress: ProgressSink {
  package init() {}
  package func begin(_ label: String, total: Int) {}
  package func advance(_ count: Int, cached: Bool) {}
  package func end() {}
}
