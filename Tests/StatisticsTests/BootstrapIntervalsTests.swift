import Statistics
import Testing

struct BootstrapIntervalsTests {
  struct Ends: Decodable {
    var confidence: Double
    var percentile: [Double]
    var bca: [Double]
  }

  struct Resampled: Decodable {
    var name: String
    var first: [Double]
    var second: [Double]
    var clusters: [Int]?
    var resamples: [[Int]]
    var estimate: Double
    var intervals: [Ends]
  }

  private func agree(_ found: BootstrapIntervals?, _ expected: Resampled, _ ends: Ends) {
    // Ends may lie near 0, where sums of differences keep their absolute exactness only.
    for (found, reference, what) in [
      (found?.estimate, expected.estimate, "estimate"),
      (found?.percentile.lower, ends.percentile[0], "percentile"),
      (found?.percentile.upper, ends.percentile[1], "percentile"),
      (found?.bca?.lower, ends.bca[0], "BCa"), (found?.bca?.upper, ends.bca[1], "BCa"),
    ] {
      guard let found else {
        Issue.record("no \(what) of \(expected.name)")
        continue
      }
      #expect(
        abs(found - reference) <= max(1e-10 * abs(reference), 1e-14), "\(what) \(expected.name)")
    }
  }

  @Test("on committed resamples, both intervals agree with NumPy, of samples and of clusters")
  func means() throws {
    let cases: [Resampled] = try References.read("bootstrap-intervals")
    #expect(cases.count >= 5)
    for expected in cases {
      for ends in expected.intervals {
        let found = MeanBootstrap.difference(
          expected.first, expected.second, clusters: expected.clusters,
          confidence: ends.confidence, resamples: .given(expected.resamples))
        agree(found, expected, ends)
        #expect(found?.resamples == expected.resamples.count)
        #expect(found?.units == expected.resamples.first?.count)
      }
    }
  }

  @Test("a statistic of weights gives what the mean gives")
  func statistics() throws {
    let cases: [Resampled] = try References.read("bootstrap-intervals")
    for expected in cases where expected.clusters == nil {
      for ends in expected.intervals {
        let differences = zip(expected.first, expected.second).map { $0 - $1 }
        let found = StatisticBootstrap.intervals(
          count: differences.count, confidence: ends.confidence,
          resamples: .given(expected.resamples)
        ) { weights in
          zip(differences, weights).reduce(0) { $0 + $1.0 * Double($1.1) }
            / Double(weights.reduce(0, +))
        }
        agree(found, expected, ends)
      }
    }
  }

  @Test("counts of kinds give what the samples themselves give")
  func counts() throws {
    // In the order in which counts put them: 5 zeros, then 3 ones.
    let values = [0.0, 0, 0, 0, 0, 1, 1, 1]
    let expected = try #require(MeanBootstrap.of(values, resamples: .drawn(400)))
    let found = CountBootstrap.intervals(counts: [5, 3], resamples: 400) { counts in
      [
        Double(counts[1]) / Double(counts[0] + counts[1]),
        counts[1] > 3 ? Double(counts[1]) : nil, 1,
        counts[0] == 4 ? nil : Double(counts[0]),
      ]
    }
    #expect(found[0] == expected)
    // Not defined of all samples; the same of every resample; not defined without one of the first kind.
    #expect(found.dropFirst() == [nil, nil, nil])
    #expect(CountBootstrap.intervals(counts: [1]) { [Double($0[0])] } == [nil])
    #expect(CountBootstrap.intervals(counts: [3, -1]) { [Double($0[0])] } == [nil])
  }

  @Test("the program's own resamples do not depend on the order of samples, and repeat")
  func order() throws {
    let (first, second) = ([1.0, 0, 1, 1, 0, 1, 1], [0.0, 0, 1, 0, 1, 1, 0])
    let clusters = [0, 0, 1, 2, 2, 3, 4]
    let order = [3, 0, 6, 2, 5, 1, 4]
    func shuffled<T>(_ values: [T]) -> [T] { order.map { values[$0] } }
    for clusters in [nil, clusters] {
      let one = try #require(
        MeanBootstrap.difference(first, second, clusters: clusters, resamples: .drawn(300)))
      let other = MeanBootstrap.difference(
        shuffled(first), shuffled(second), clusters: clusters.map(shuffled), resamples: .drawn(300))
      #expect(one == other)
      #expect(one.percentile.lower < one.estimate && one.estimate < one.percentile.upper)
    }
  }

  @Test("clusters of one sample are samples; clusters of alike samples are wider")
  func clusters() throws {
    let values = (0..<40).map { Double($0 / 4 % 2) }
    let alone = try #require(MeanBootstrap.of(values, resamples: .drawn(500)))
    #expect(MeanBootstrap.of(values, clusters: Array(0..<40), resamples: .drawn(500)) == alone)
    let four = try #require(
      MeanBootstrap.of(values, clusters: (0..<40).map { $0 / 4 }, resamples: .drawn(500)))
    #expect(four.units == 10)
    #expect(
      four.percentile.upper - four.percentile.lower
        > 1.5 * (alone.percentile.upper - alone.percentile.lower))
  }

  @Test("where resamples can show no spread there is no interval")
  func undefined() {
    #expect(MeanBootstrap.of([]) == nil)
    #expect(MeanBootstrap.of([1]) == nil)
    #expect(MeanBootstrap.of([1, 1, 1]) == nil)
    #expect(MeanBootstrap.of([1, 0, 1, 0], clusters: [1, 1, 2, 2]) == nil)
    #expect(MeanBootstrap.of([1, 0], clusters: [5, 5]) == nil)
    #expect(MeanBootstrap.of([1, .nan]) == nil)
    #expect(MeanBootstrap.of([1, 0], clusters: [1]) == nil)
    #expect(MeanBootstrap.of([1, 0], confidence: 1) == nil)
    #expect(MeanBootstrap.of([1, 0], resamples: .drawn(0)) == nil)
    #expect(MeanBootstrap.of([1, 0], resamples: .given([[0]])) == nil)
    #expect(MeanBootstrap.of([1, 0], resamples: .given([[0, 2]])) == nil)
    #expect(MeanBootstrap.difference([1, 0], [1]) == nil)
    #expect(MeanBootstrap.difference([1, 0, 1], [1, 0, 1]) == nil)
    #expect(StatisticBootstrap.intervals(count: 1) { _ in 1 } == nil)
    #expect(StatisticBootstrap.intervals(count: 3) { _ in nil } == nil)
    // Every resample on one side of the estimate: percentiles, no correction of a bias without end.
    let biased = MeanBootstrap.of([0, 1], resamples: .given([[1, 1], [1, 1]]))
    #expect(biased?.percentile == Interval(lower: 1, upper: 1))
    #expect(biased != nil && biased?.bca == nil)
  }
}
