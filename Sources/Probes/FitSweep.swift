import Core
import LinearAlgebra

/// Fits that do not wait for one another, side by side: most of a small fit is on one core, so several keep all cores busy.
package enum FitSweep {
  /// Memory that fits under way may take together, beside the features they were drawn from.
  private static let memory = 2 << 30

  /// What `fit` makes of each item, in the items' order. No bit of it depends on the number of threads.
  /// - Parameters:
  ///   - data: what an item's fits are on.
  ///   - options: its threads are divided among the fits under way.
  package static func run<Item: Sendable, Value: Sendable>(
    _ items: [Item], on data: (Item) -> ProbeData, options: SolverOptions,
    fit: @escaping @Sendable (Item, SolverOptions) throws -> Value
  ) throws -> [Value] {
    let bytes = items.map { fitBytes(data($0)) }
    let atOnce = max(
      1, min(options.threads, items.count, memory / max(1, bytes.max() ?? 1)))
    var share = options
    share.threads = max(1, options.threads / atOnce)
    // The largest first: none of them is begun when the others are done.
    let order = items.indices.sorted { (bytes[$1], $0) < (bytes[$0], $1) }
    BLAS.useThisThreadOnly()
    let found = try Workers.map(count: items.count, threads: atOnce) { [share] place in
      BLAS.useThisThreadOnly()
      return try fit(items[order[place]], share)
    }
    var values = [Value?](repeating: nil, count: items.count)
    for (place, value) in found.enumerated() { values[order[place]] = value }
    return values.compactMap(\.self)
  }

  /// A copy of the samples in float32 and in the basis of their span, and of the weights L-BFGS's ten pairs and some vectors in float64.
  private static func fitBytes(_ data: ProbeData) -> Int {
    let (samples, columns) = (data.count, data.columns)
    return samples * columns * 8 + min(samples, columns) * columns * 16
      + data.classCount * columns * 8 * 30
  }
}
