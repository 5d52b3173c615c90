package import Core
import Foundation
package import LinearAlgebra

/// The k nearest training rows of each of N samples, nearest first; equal similarities rank by lowest row. Votes with other k up to this
/// one, or another temperature, need no second search.
package struct Neighbours: Sendable {
  /// N.
  package let count: Int
  package let k: Int
  /// Training rows searched.
  package let trainingCount: Int
  /// N × k training rows, row-major.
  package let rows: [Int32]
  /// N × k cosine similarities.
  package let similarities: Matrix

  /// How much a neighbour's vote counts.
  package enum Weighting: Sendable, Hashable {
    /// One vote each; of classes with as many votes the one with the nearest neighbour wins.
    case majority
    /// exp(similarity / temperature) each, as of InstDisc (Wu et al. 2018) and DINO (Caron et al. 2021), which use 0.07.
    case temperature(Double)
  }

  package static let defaultTemperature = 0.07

  /// The class of each sample: that with the highest sum of votes, of equal ones that with the nearest neighbour.
  /// - Parameters:
  ///   - labels: of the training rows.
  ///   - k: the nearest ones that vote; all when nil.
  /// - Throws: `EvalError.malformedData` for labels that do not match the rows, `.usage` for a k or temperature out of range.
  package func predictions(
    labels: [Int], classCount: Int, k: Int? = nil, weighting: Weighting
  ) throws(EvalError) -> [Int] {
    let voters = try voters(k, labels, classCount, weighting)
    var votes = [Double](repeating: 0, count: classCount)
    return (0..<count).map { sample in
      count(sample, voters, labels, weighting, into: &votes)
      var best = -1
      for rank in 0..<voters {
        let owner = labels[Int(rows[sample * self.k + rank])]
        if best < 0 || votes[owner] > votes[best] { best = owner }
      }
      for rank in 0..<voters { votes[labels[Int(rows[sample * self.k + rank])]] = 0 }
      return best
    }
  }

  /// N × K shares of the votes, for metrics that rank classes: 0 for every class without a neighbour. Where classes have equal shares, the
  /// tie rule of `predictions` is not in them.
  package func shares(
    labels: [Int], classCount: Int, k: Int? = nil, weighting: Weighting
  ) throws(EvalError) -> Matrix {
    let voters = try voters(k, labels, classCount, weighting)
    var result = Matrix(rows: count, columns: classCount)
    var votes = [Double](repeating: 0, count: classCount)
    for sample in 0..<count {
      count(sample, voters, labels, weighting, into: &votes)
      let total = votes.reduce(0, +)
      for owner in 0..<classCount {
        result.storage[sample * classCount + owner] = Float(votes[owner] / total)
        votes[owner] = 0
      }
    }
    return result
  }

  /// Adds a sample's votes to zeros. Weights are relative to the nearest neighbour's, which changes no ranking and cannot overflow.
  private func count(
    _ sample: Int, _ voters: Int, _ labels: [Int], _ weighting: Weighting,
    into votes: inout [Double]
  ) {
    let start = sample * k
    let nearest = Double(similarities.storage[start])
    for place in start..<start + voters {
      let weight =
        switch weighting {
        case .majority: 1.0
        case .temperature(let temperature):
          exp((Double(similarities.storage[place]) - nearest) / temperature)
        }
      votes[labels[Int(rows[place])]] += weight
    }
  }

  private func voters(
    _ k: Int?, _ labels: [Int], _ classCount: Int, _ weighting: Weighting
  ) throws(EvalError) -> Int {
    guard labels.count == trainingCount, labels.allSatisfy({ (0..<classCount).contains($0) })
    else {
      throw EvalError(
        .malformedData,
        "expected \(trainingCount) labels from 0 to \(classCount - 1), one a training row, found \(labels.count)"
          + (labels.count == trainingCount ? ", some out of range" : ""))
    }
    let voters = k ?? self.k
    guard (1...self.k).contains(voters) else {
      throw EvalError(.usage, "expected 1 to \(self.k) neighbours to vote, found \(voters)")
    }
    if case .temperature(let temperature) = weighting {
      guard temperature > 0, temperature.isFinite else {
        throw EvalError(.usage, "expected a temperature above 0, found \(temperature)")
      }
    }
    return voters
  }
}
