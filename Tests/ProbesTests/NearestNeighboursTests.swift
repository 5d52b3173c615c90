import Core
import Foundation
import LinearAlgebra
import Probes
import Statistics
import TestSupport
import Testing

/// Expected values are scikit-learn's and NumPy's (Tools/make-neighbour-fixtures.py).
struct NearestNeighboursTests {
  struct Reference: Decodable {
    struct Weighted: Decodable {
      var temperature: Double
      var predictions: [Int]
      var shares: [Double]
    }
    struct Case: Decodable {
      var k: Int
      var majority: [Int]
      var ties: Int
      var weighted: [Weighted]
    }
    var columns: Int
    var classCount: Int
    var training: [Float]
    var labels: [Int]
    var samples: [Float]
    var neighbours: [Int]
    var similarities: [Double]
    var cases: [Case]
  }

  init() { BLAS.setThreads(1) }

  private func rows(_ values: [Float], _ columns: Int) -> FeatureRows {
    FeatureRows(
      Matrix(rows: values.count / columns, columns: columns, storage: values))
  }

  @Test("neighbours and votes agree with scikit-learn and NumPy")
  func agreesWithReferences() throws {
    let file = TestPaths.fixtures.appending(path: "neighbours/neighbours.json")
    let reference = try JSONDecoder().decode(Reference.self, from: Data(contentsOf: file))
    let training = rows(reference.training, reference.columns)
    let samples = rows(reference.samples, reference.columns)
    let found = try NearestNeighbours.find(samples, in: training, k: 20, threads: 2)
    #expect(found.rows.map(Int.init) == reference.neighbours)
    for (similarity, expected) in zip(found.similarities.storage, reference.similarities) {
      #expect(abs(Double(similarity) - expected) < 1e-6)
    }
    let all = try NearestNeighbours.find(samples, in: training, k: 120, threads: 1)
    #expect(reference.cases.contains { $0.ties > 0 })
    for expected in reference.cases {
      // With fewer votes than neighbours were searched for, and with as many.
      for neighbours in [all, found] where neighbours.k >= expected.k {
        let majority = try neighbours.predictions(
          labels: reference.labels, classCount: reference.classCount, k: expected.k,
          weighting: .majority)
        #expect(majority == expected.majority)
        for weighted in expected.weighted {
          let weighting = Neighbours.Weighting.temperature(weighted.temperature)
          let predictions = try neighbours.predictions(
            labels: reference.labels, classCount: reference.classCount, k: expected.k,
            weighting: weighting)
          #expect(predictions == weighted.predictions)
          let shares = try neighbours.shares(
            labels: reference.labels, classCount: reference.classCount, k: expected.k,
            weighting: weighting)
          // A similarity's rounding is magnified by 1 / temperature.
          let tolerance = 1e-6 / min(weighted.temperature, 1)
          for (share, expected) in zip(shares.storage, weighted.shares) {
            #expect(abs(Double(share) - expected) < tolerance)
          }
        }
      }
    }
  }

  @Test("the same over many blocks, in pieces of memory, and whatever the threads")
  func blocks() throws {
    var generator = Xoshiro256StarStar(seed: 4)
    func values(_ count: Int) -> [Float] {
      (0..<count).map { _ in Float(generator.next(below: 2001)) / 1000 - 1 }
    }
    let columns = 6
    let training = values(2300 * columns)
    let samples = values(520 * columns)
    let whole = rows(training, columns)
    let one = try NearestNeighbours.find(rows(samples, columns), in: whole, k: 3, threads: 1)
    let many = try NearestNeighbours.find(rows(samples, columns), in: whole, k: 3, threads: 4)
    #expect(one.rows == many.rows)
    #expect(one.similarities == many.similarities)
    let pieces = try FeatureRows(joining: [
      rows(Array(training[..<(1000 * columns)]), columns),
      rows(Array(training[(1000 * columns)...]), columns),
    ])
    let joined = try NearestNeighbours.find(rows(samples, columns), in: pieces, k: 3, threads: 2)

    func unit(_ values: [Float], _ row: Int) -> [Double] {
      let own = values[row * columns..<(row + 1) * columns].map(Double.init)
      let length = own.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return own.map { $0 / length }
    }
    let units = (0..<2300).map { unit(training, $0) }
    for sample in stride(from: 0, to: 520, by: 37) {
      let own = unit(samples, sample)
      let similarities = units.map { zip($0, own).reduce(0) { $0 + $1.0 * $1.1 } }
      let best = similarities.sorted(by: >).prefix(3)
      for found in [one, joined] {
        for (rank, expected) in best.enumerated() {
          let row = Int(found.rows[sample * 3 + rank])
          #expect(abs(similarities[row] - expected) < 1e-6)
          #expect(abs(Double(found.similarities.row(sample)[sample * 3 + rank]) - expected) < 1e-6)
        }
        #expect(Set(found.rows[sample * 3..<sample * 3 + 3]).count == 3)
      }
    }
  }

  @Test("equal votes go to the nearest, and temperatures near zero do not overflow")
  func ties() throws {
    // Cosines with the sample: 1, 0.8, 0.6, 0.
    let training = rows([3, 0, 4, 3, 3, 4, 0, 2], 2)
    let found = try NearestNeighbours.find(rows([5, 0], 2), in: training, k: 4, threads: 1)
    #expect(found.rows == [0, 1, 2, 3])
    let labels = [2, 1, 1, 2]
    #expect(try found.predictions(labels: labels, classCount: 3, weighting: .majority) == [2])
    #expect(
      try found.predictions(labels: labels, classCount: 3, k: 3, weighting: .majority) == [1])
    #expect(
      try found.predictions(labels: labels, classCount: 3, weighting: .temperature(1e-300)) == [2])
    let shares = try found.shares(labels: labels, classCount: 3, weighting: .temperature(1e-300))
    #expect(shares.storage == [0, 0, 1])
    #expect(
      try found.shares(labels: labels, classCount: 3, weighting: .majority).storage == [
        0, 0.5, 0.5,
      ]
    )
  }

  @Test("hostile features, k, labels and temperatures")
  func hostile() throws {
    let training = rows([1, 0, 0, 1], 2)
    func message(_ samples: [Float], _ training: FeatureRows, k: Int, columns: Int = 2) -> String {
      let error = #expect(throws: EvalError.self) {
        try NearestNeighbours.find(rows(samples, columns), in: training, k: k, threads: 2)
      }
      return error?.message ?? ""
    }
    #expect(message([1, 0], training, k: 3).contains("expected 1 to 2 neighbours"))
    #expect(message([1, 0], training, k: 0).contains("expected 1 to 2 neighbours"))
    #expect(message([0, 0], training, k: 1).contains("sample 0 have no direction"))
    #expect(message([1, .nan], training, k: 1).contains("not finite"))
    #expect(message([1, 0], rows([1, 1, .infinity, 1], 2), k: 1).contains("training sample 1"))
    #expect(message([1, 0, 0], training, k: 1, columns: 3).contains("width 2"))
    let found = try NearestNeighbours.find(rows([1, 0], 2), in: training, k: 2, threads: 1)
    for (labels, k, weighting) in [
      ([0], 1, .majority), ([0, 2], 1, .majority), ([0, 1], 3, .majority), ([0, 1], 0, .majority),
      ([0, 1], 1, .temperature(0)), ([0, 1], 1, .temperature(.nan)),
    ] as [([Int], Int, Neighbours.Weighting)] {
      #expect(throws: EvalError.self) {
        try found.predictions(labels: labels, classCount: 2, k: k, weighting: weighting)
      }
    }
  }
}
