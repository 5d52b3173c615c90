/// Where long work says how far it is. Implementations are called from any thread.
package protocol ProgressSink: Sendable {
  /// A new piece of work of `total` units, named for people ("CIFAR10 images").
  func begin(_ label: String, total: Int)
  /// `count` more units are done. `cached` units cost nothing and are left out of rates.
  func advance(_ count: Int, cached: Bool)
  func end()
}

/// Says nothing.
package struct SilentProgress: ProgressSink {
  package init() {}
  package func begin(_ label: String, total: Int) {}
  package func advance(_ count: Int, cached: Bool) {}
  package func end() {}
}
