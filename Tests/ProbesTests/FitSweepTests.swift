import LinearAlgebra
import Probes
import Testing

struct FitSweepTests {
  private static func data(_ count: Int) throws -> ProbeData {
    let labels = (0..<count).map { $0 % 3 }
    var features = Matrix(rows: count, columns: 2)
    for row in 0..<count {
      features.storage[2 * row] = Float((row * 7919) % 97) / 97
      features.storage[2 * row + 1] = Float(labels[row])
    }
    return try ProbeData(
      features: FeatureRows(features), labels: .single(labels), classCount: 3,
      subject: "made up")
  }

  /// Side by side or one after another, in whatever order they end: the same bits, in the items' order.
  @Test(arguments: [1, 3]) func fitsComeInTheItemsOrder(threads: Int) throws {
    let counts = [12, 60, 30, 9, 45]
    let items = try counts.map { try Self.data($0) }
    let fits = try FitSweep.run(
      items, on: { $0 }, options: SolverOptions(threads: threads)
    ) { try LogisticRegression.fit($0, C: 1, options: $1) }
    for (item, fit) in zip(items, fits) {
      let alone = try LogisticRegression.fit(item, C: 1, options: SolverOptions(threads: 1))
      #expect(fit.model == alone.model && fit.summary.objective == alone.summary.objective)
    }
    #expect(fits.count == counts.count)
  }
}
