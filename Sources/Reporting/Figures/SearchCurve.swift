package import Experiments
import Foundation

/// A search for C: the validation score of every C that was tried.
package struct SearchCurve: Sendable {
  package struct Point: Sendable, Equatable {
    package var C: Double
    /// A fraction.
    package var score: Double
    /// In which round of the search it was tried, from 0; nil where there were none.
    package var round: Int?

    package init(C: Double, score: Double, round: Int? = nil) {
      self.C = C
      self.score = score
      self.round = round
    }
  }

  package var dataset: String
  package var model: String
  package var metric: String
  /// On what C was chosen.
  package var selection: String?
  package var points: [Point]
  /// The C chosen.
  package var best: Double
  /// It is the smallest or the largest of the grid.
  package var isAtEdge: Bool

  package init(
    dataset: String, model: String, metric: String, selection: String?, points: [Point],
    best: Double, isAtEdge: Bool
  ) {
    self.dataset = dataset
    self.model = model
    self.metric = metric
    self.selection = selection
    self.points = points
    self.best = best
    self.isAtEdge = isAtEdge
  }

  /// nil for a row without a search.
  package init?(_ row: ResultRow) {
    guard let probe = row.probe, !probe.curve.isEmpty,
      let best = probe.C ?? probe.curve.max(by: { $0.score < $1.score })?.C
    else { return nil }
    let points = probe.curve.sorted { $0.C < $1.C }
    let rounds = SearchRounds.of(points.map(\.C))
    self.init(
      dataset: row.dataset, model: row.model, metric: row.metric, selection: probe.selection,
      points: points.enumerated().map { index, point in
        Point(C: point.C, score: point.score, round: rounds.map { $0[index] })
      }, best: best, isAtEdge: probe.isAtEdge ?? false)
  }
}

/// The rounds of the paper's search, which halves the step around the peak: known from the values of C alone, as round r tries
/// only values that lie between those of the rounds before.
enum SearchRounds {
  /// - Returns: the round of each value; nil where they are not those of such a search.
  static func of(_ values: [Double]) -> [Int]? {
    let rounds = values.compactMap { value -> Int? in
      let step = 8 * (log10(value) + 6)
      guard step.isFinite, abs(step - step.rounded()) < 1e-6, (-1e6...1e6).contains(step) else {
        return nil
      }
      let index = Int(step.rounded())
      return (0...4).first { index % (16 >> $0) == 0 }
    }
    guard rounds.count == values.count else { return nil }
    // Every round after the first tries a point on each side of the peak; a whole sweep tries more.
    let counts = (0...4).map { round in rounds.count { $0 == round } }
    return counts[0] > 1 && counts.dropFirst().allSatisfy { $0 <= 2 } ? rounds : nil
  }
}

extension SearchCurve {
  /// Score against C, the chosen C marked, a warning sign on it where it is at the edge of the grid.
  package var figure: Figure {
    let bestScore = points.first { $0.C == best }?.score
    let chosen =
      "C = \(FixedPoint.significant(best))"
      + (bestScore.map { ", \(Percent.text($0)) %" } ?? "")
    var description =
      "Validation \(metric) of \(model) on \(dataset) against C, \(points.count) fits. Chosen: \(chosen)."
    if isAtEdge { description += " The peak is at the edge of the grid." }
    var figure = Figure(
      name: "c-curve-\(dataset)-\(model)", title: "Search for C: \(dataset), \(model)",
      description: description, subtitle: selection.map { "Chosen on \($0)" },
      x: Axis("C, inverse strength of the L2 penalty", name: "C", scale: .log10),
      y: Axis("validation \(metric) (%)", name: "score", unit: .percent))
    var line = Series(
      "fits", colour: 0, line: .solid, points: points.map { Series.Point($0.C, $0.score) })
    line.isNamed = false
    line.isRepeated = true
    figure.series = [line] + rounds
    if let bestScore {
      var mark = Series(
        isAtEdge ? "chosen, at the edge of the grid" : "chosen", colour: 1,
        marker: isAtEdge ? .warning : .star,
        points: [Series.Point(best, bestScore, label: chosen)])
      mark.isNamed = true
      figure.series.append(mark)
    }
    figure.rules = [Rule(.x(best), label: nil, colour: 1)]
    if isAtEdge {
      figure.remarks = [
        "Warning: the peak is at the edge of the grid; a better C may lie beyond it."
      ]
    }
    return figure
  }

  /// A marker for each round of the search.
  private var rounds: [Series] {
    let markers: [Series.Marker] = [.circle, .square, .triangle, .diamond, .cross]
    let numbers = Set(points.map(\.round)).sorted { ($0 ?? -1) < ($1 ?? -1) }
    return numbers.map { number in
      let own = points.filter { $0.round == number }
      let name = number.map { $0 == 0 ? "coarse grid" : "round \($0)" } ?? "fits"
      var series = Series(
        name, colour: 0, marker: markers[(number ?? 0) % markers.count],
        points: own.map { point in
          Series.Point(
            point.C, point.score,
            tip: "C = \(FixedPoint.significant(point.C)): \(Percent.text(point.score)) %")
        })
      series.isHollow = number != 0 && number != nil
      series.isNamed = number != nil
      return series
    }
  }
}
