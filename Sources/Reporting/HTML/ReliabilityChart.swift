import Metrics

/// Accuracy against confidence, a bar for each bin of equal width, and below how many samples each has. Classes of the page's style
/// sheet colour it: a report may have hundreds.
enum ReliabilityChart {
  private static let side = 200.0
  private static let left = 34.0
  private static let top = 6.0
  private static let countHeight = 34.0

  /// Of hundreds of charts every digit counts.
  private static func point(_ value: Double) -> String { FixedPoint.shortest(value, decimals: 1) }

  static func markup(_ calibration: Calibration) -> String {
    let bottom = top + side
    func x(_ value: Double) -> String { point(left + side * value) }
    func y(_ value: Double) -> String { point(top + side * (1 - value)) }
    let most = Double(calibration.equalWidth.map(\.count).max() ?? 1)
    let baseline = bottom + 14 + countHeight
    var grid = ""
    var text = ""
    for tick in [0.0, 0.5, 1.0] {
      grid += "M\(x(0)) \(y(tick))H\(x(1))M\(x(tick)) \(y(0))V\(y(1))"
      text +=
        "<text x=\"\(point(left - 5))\" y=\"\(point(top + side * (1 - tick) + 4))\" text-anchor=\"end\">\(Percent.text(tick).dropLast(2))</text>"
      text +=
        "<text x=\"\(x(tick))\" y=\"\(point(baseline + 14))\" text-anchor=\"middle\">\(Percent.text(tick).dropLast(2))</text>"
    }
    var bars = ""
    var gaps = ""
    var counts = ""
    var marks = ""
    var tips = ""
    for bin in calibration.equalWidth {
      guard let accuracy = bin.accuracy, let confidence = bin.confidence else { continue }
      let (from, to) = (x(bin.lower + 0.004), x(bin.upper - 0.004))
      bars += "M\(from) \(y(0))V\(y(accuracy))H\(to)V\(y(0))Z"
      gaps += "M\(from) \(y(accuracy))V\(y(confidence))H\(to)V\(y(accuracy))Z"
      marks += "M\(from) \(y(accuracy))H\(to)"
      let height = max(1, countHeight * Double(bin.count) / most)
      counts +=
        "M\(from) \(point(baseline))v-\(point(height))H\(to)v\(point(height))Z"
      tips +=
        "<path class=\"tip\" d=\"M\(x(bin.lower)) \(point(top))H\(x(bin.upper))V\(point(baseline))H\(x(bin.lower))Z\"><title>\(Percent.text(confidence)) % sure, \(Percent.text(accuracy)) % right of \(bin.count)</title></path>"
    }
    return
      "<svg class=\"reliability\" viewBox=\"0 0 244 288\" role=\"img\" aria-label=\"\(HTML.escaped(description(calibration)))\">"
      + "<path class=\"g\" d=\"\(grid)\"/><path class=\"bar\" d=\"\(bars)\"/><path class=\"gap\" d=\"\(gaps)\"/>"
      + "<path class=\"mark\" d=\"\(marks)\"/><path class=\"ideal\" d=\"M\(x(0)) \(y(0))L\(x(1)) \(y(1))\"/>"
      + "<path class=\"count\" d=\"\(counts)\"/>\(text)"
      + "<text x=\"\(x(0.5))\" y=\"\(point(baseline + 27))\" text-anchor=\"middle\">confidence, %</text>"
      + "<text transform=\"translate(9 \(y(0.5))) rotate(-90)\" text-anchor=\"middle\">right, %</text>"
      + "\(tips)</svg>"
  }

  private static func description(_ calibration: Calibration) -> String {
    "Reliability curve over \(calibration.count) samples: mean confidence \(Percent.text(calibration.meanConfidence)) %, accuracy \(Percent.text(calibration.accuracy)) %, expected calibration error \(Percent.text(calibration.equalWidthError)) %."
  }
}
