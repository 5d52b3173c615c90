import Experiments
import Foundation
import References

extension ExplainWork {
  func finding(_ cause: KnownCause) -> Explanation.Cause {
    guard let axis = cause.axis.axis else {
      return .init(cause, isTested: false, finding: cause.axis.untestable)
    }
    let own = explanation.variants.filter { $0.axis == axis }
    if !own.isEmpty {
      let best =
        explanation.gap.map { gap in
          own.min { abs(gap + $0.move) < abs(gap + $1.move) }
        } ?? own.max { abs($0.move) < abs($1.move) }
      let points = (best?.move ?? 0) * 100
      return .init(
        cause, isTested: true,
        finding:
          "\(own.count == 1 ? "1 variant" : "\(own.count) variants") of the \(axis.title) tried: \(best?.level ?? "") moves it by \(String(format: "%+.1f", points).replacing("-", with: "−"))"
      )
    }
    let reasons = explanation.notTried.filter { $0.axis == axis }
    return .init(
      cause, isTested: false,
      finding: reasons.first.map {
        [$0.level, $0.reason].compactMap(\.self).joined(separator: ": ")
      }
        ?? (options.axes.isEmpty || options.axes.contains(axis)
          ? "no other \(axis.title) are at hand" : "not asked for"))
  }

  /// Levels of one axis with one reason as one.
  static func collapsed(_ all: [Explanation.NotTried]) -> [Explanation.NotTried] {
    var result: [Explanation.NotTried] = []
    for entry in all {
      guard
        let place = result.firstIndex(where: { $0.axis == entry.axis && $0.reason == entry.reason })
      else {
        result.append(entry)
        continue
      }
      if let level = entry.level, let known = result[place].level,
        !known.components(separatedBy: ", ").contains(level)
      {
        result[place].level = "\(known), \(level)"
      }
    }
    return result
  }
}

extension KnownCause.Axis {
  /// What of a protocol is set another way to test it; nil where nothing that is scored anew is.
  var axis: ProtocolAxis? {
    switch self {
    case .classNames: .classNames
    case .templates: .templates
    case .metric: .metric
    case .split: .split
    case .preprocessing: .preprocessing
    case .precision: .precision
    case .frames: .options
    case .captions, .features, .probe, .publication, .unknown: nil
    }
  }

  fileprivate var untestable: String {
    switch self {
    case .publication: "the published numbers disagree among themselves: nothing can be scored anew"
    case .unknown: "nobody knows what to change"
    default: "it is of other experiments"
    }
  }
}
