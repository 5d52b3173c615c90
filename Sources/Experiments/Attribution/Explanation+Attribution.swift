import Core
import Statistics

/// A change of several axes at once: which of the variants it is made of.
package typealias VariantSet = Set<Int>

/// Which changes the gap is divided among, and which of them may say that it is the protocol's doing.
///
/// The best of many variants flatters: a change that no source names is taken only where it alone closes the gap, or where its own move is beyond
/// what the number of variants tried gives by chance; and only the paper's own settings together, or one change, set a verdict.
package struct AttributionChoice: Sendable {
  package struct Outcome: Sendable {
    package var move: Double
    /// With the published number, by the rule of verdicts.
    package var agrees: Bool

    package init(move: Double, agrees: Bool) {
      self.move = move
      self.agrees = agrees
    }
  }

  /// Numbers of the variants, by axis in the order of the axes.
  package private(set) var players: [Int] = []
  package private(set) var explains = false

  /// Level of the test that admits what is chosen by looking.
  package static let level = 0.05
  /// Axes whose changes are made together at most: 2^6 evaluations.
  package static let mostPlayers = 6
  /// Less is not shown.
  private static let leastGain = 0.0005

  /// - Parameters:
  ///   - variants: of one axis each, with `holm`.
  ///   - gap: value less the published one; not 0.
  ///   - isExact: of a variant on the published number's own images: a value that agrees is equal but for rounding.
  ///   - outcome: of several changes at once; nil where they cannot be made together.
  package init(
    _ variants: [Explanation.Variant], gap: Double, isExact: (Int) -> Bool,
    outcome: (VariantSet) throws -> Outcome?
  ) rethrows {
    let axes = ProtocolAxis.allCases
    func best(_ numbers: [Int]) -> Int? {
      numbers.min { first, second in
        let (a, b) = (variants[first], variants[second])
        let (left, right) = (abs(gap + a.move), abs(gap + b.move))
        // What a source names goes first among equals.
        return left == right ? a.documented != nil && b.documented == nil : left < right
      }
    }
    func sorted(_ set: VariantSet) -> [Int] {
      set.sorted { first, second in
        let places = [first, second].map { axes.firstIndex(of: variants[$0].axis) ?? 0 }
        return (places[0], first) < (places[1], second)
      }
    }
    let papers = VariantSet(
      axes.compactMap { axis in
        best(variants.indices.filter { variants[$0].axis == axis && variants[$0].isPapers })
      })
    if !papers.isEmpty, try outcome(papers)?.agrees == true {
      (players, explains) = (sorted(papers), true)
      return
    }
    let landed = variants.indices.filter { number in
      let variant = variants[number]
      guard variant.agrees == true else { return false }
      if isExact(number) || variant.isPapers { return true }
      // Wide intervals agree with much: elsewhere the change has to do something. What a source names was not picked out of many.
      return (variant.documented == nil ? variant.holm : variant.pValue) ?? 1 < Self.level
    }
    let named = landed.filter { variants[$0].documented != nil || variants[$0].isPapers }
    if let alone = best(named) ?? best(landed) {
      (players, explains) = ([alone], true)
      return
    }
    var chosen = papers
    var left = try papers.isEmpty ? gap : outcome(papers).map { gap + $0.move } ?? gap
    var open = axes.compactMap { axis -> Int? in
      guard !papers.contains(where: { variants[$0].axis == axis }) else { return nil }
      return best(
        variants.indices.filter {
          variants[$0].axis == axis && (variants[$0].holm ?? 1) < Self.level
            && abs(gap + variants[$0].move) < abs(gap)
        })
    }
    while chosen.count < Self.mostPlayers {
      var step: (number: Int, outcome: Outcome)?
      for number in open {
        guard let outcome = try outcome(chosen.union([number])) else { continue }
        if abs(gap + outcome.move) < abs(step.map { gap + $0.outcome.move } ?? .infinity) {
          step = (number, outcome)
        }
      }
      guard let step, abs(gap + step.outcome.move) <= abs(left) - Self.leastGain else { break }
      chosen.insert(step.number)
      open.removeAll { $0 == step.number }
      left = gap + step.outcome.move
      if step.outcome.agrees { break }
    }
    players = sorted(chosen)
  }
}

extension Explanation {
  /// How many of the variants agree, and how many would by luck.
  package mutating func count(nearTies: Int) {
    guard reference != nil, !variants.isEmpty else { return }
    agreeing = variants.count { $0.agrees == true }
    // What is published lies within the range: else nothing could agree by luck.
    let values = variants.map(\.value) + [value] + [reference?.value].compactMap(\.self)
    guard let least = values.min(), let most = values.max() else { return }
    let width =
      usesSameImages == true
      ? 2 * (Verdict.printedPrecision + Double(nearTies) / Double(max(n, 1)))
      : gapInterval95.map { $0.upper - $0.lower } ?? 0
    agreeingByLuck = Double(variants.count) * (most - least > width ? width / (most - least) : 1)
  }

  /// Sets `conclusion`.
  package mutating func conclude() { conclusion = sentences.joined(separator: " ") }

  private var sentences: [String] {
    let count = tried == 1 ? "1 variant" : "\(tried) variants"
    let largest = variants.max { abs($0.move) < abs($1.move) }
    guard let reference, let gap else {
      return [
        largest.map {
          Self.points($0.move) == "0.0"
            ? "Nothing is published to compare with. Of \(count) tried, none moves it by a tenth of a point."
            : "Nothing is published to compare with. Of \(count) tried, \($0.text) moves it most: \(Self.points($0.move))."
        } ?? "Nothing is published to compare with, and no variant could be tried."
      ]
    }
    let paper = "\(reference.source)'s \(Self.percent(reference.value))"
    if verdict == .agrees {
      return ["It agrees with \(paper): there is no gap to explain."]
    }
    guard !variants.isEmpty else {
      return ["No variant could be tried: the gap of \(Self.points(gap)) to \(paper) is open."]
    }
    guard let attribution, !attribution.parts.isEmpty else {
      let best = variants.min { abs(gap + $0.move) < abs(gap + $1.move) }
      guard let best, abs(gap + best.move) < abs(gap) else {
        return ["None of \(count) comes closer to \(paper) than the gap of \(Self.points(gap))."]
      }
      return [
        "None of \(count) explains the gap of \(Self.points(gap)) to \(paper); closest comes \(best.text), which leaves \(Self.points(gap + best.move)) and is within what so many tries give by chance."
      ]
    }
    let parts = attribution.parts.map {
      "\($0.axis.title) (\($0.level)) \(Self.points($0.shapley))"
    }
    guard attribution.agrees || abs(attribution.residual) <= abs(gap) - 0.0005 else {
      return [
        "\(Self.list(parts)) \(parts.count == 1 ? "does" : "do") not explain the gap of \(Self.points(gap)) to \(paper): \(Self.points(attribution.residual)) is left."
      ]
    }
    let end =
      attribution.agrees
      ? usesSameImages == true ? "within rounding" : "within sampling noise"
      : "which nothing tried here explains"
    var sentences = [
      "Of the gap of \(Self.points(gap)) to \(paper), \(Self.list(parts)) \(parts.count == 1 ? "explains" : "explain") \(Self.points(attribution.move)); \(Self.points(attribution.residual)) is left, \(end)."
    ]
    if attribution.parts.contains(where: { $0.choice == .looking }) {
      var words = "Chosen by looking at \(count)"
      if let agreeing, let agreeingByLuck, explainedBy != nil {
        words +=
          "; \(agreeing) of one change \(agreeing == 1 ? "agrees" : "agree"), \(Self.decimal(agreeingByLuck)) would by luck"
      }
      sentences.append(words + ".")
    }
    return sentences
  }

  private static func list(_ parts: [String]) -> String {
    parts.count < 2
      ? parts.joined()
      : parts.dropLast().joined(separator: ", ") + " and " + (parts.last ?? "")
  }

  /// `+6.1`, in points.
  private static func points(_ value: Double) -> String {
    let digits = decimal(abs(value) * 100)
    if digits == "0.0" { return digits }
    return (value < 0 ? "−" : "+") + digits
  }

  private static func percent(_ value: Double) -> String { decimal(value * 100) }

  private static func decimal(_ value: Double) -> String {
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }
}
