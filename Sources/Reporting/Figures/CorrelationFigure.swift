package import Statistics

/// Figure 8 of the paper, of one model: zero-shot against its linear probe.
package struct ZeroShotCorrelation: Sendable {
  package struct Dataset: Sendable {
    package var name: String
    /// Fractions.
    package var probe: Double
    package var zeroShot: Double
    package var probeInterval: Interval?
    package var zeroShotInterval: Interval?

    package init(
      _ name: String, probe: Double, zeroShot: Double, probeInterval: Interval? = nil,
      zeroShotInterval: Interval? = nil
    ) {
      self.name = name
      self.probe = probe
      self.zeroShot = zeroShot
      self.probeInterval = probeInterval
      self.zeroShotInterval = zeroShotInterval
    }
  }

  /// Zero-shot regressed on the probe.
  package struct Regression: Sendable {
    package var slope: Double
    package var intercept: Double
    package var slopeInterval: Interval?
    /// Pearson's.
    package var r: Double
    package var rInterval: Interval?
    package var pValue: Double?
    /// How the intervals were made.
    package var intervalMethod: String?

    package init(
      slope: Double, intercept: Double, slopeInterval: Interval? = nil, r: Double,
      rInterval: Interval? = nil, pValue: Double? = nil, intervalMethod: String? = nil
    ) {
      self.slope = slope
      self.intercept = intercept
      self.slopeInterval = slopeInterval
      self.r = r
      self.rInterval = rInterval
      self.pValue = pValue
      self.intervalMethod = intervalMethod
    }

    /// Of zero-shot on the probe over these datasets, with Fisher's interval of r and the bootstrapped one of the slope.
    /// - Returns: nil for fewer than three datasets, or where one side does not vary.
    package init?(_ datasets: [Dataset]) {
      let (x, y) = (datasets.map(\.probe), datasets.map(\.zeroShot))
      guard datasets.count > 2, let correlation = Correlation(x, y), let line = LinearFit(x, y)
      else { return nil }
      self.init(
        slope: line.slope, intercept: line.intercept,
        slopeInterval: LinearFit.bootstrapSlope(x, y), r: correlation.r,
        rInterval: correlation.interval95, pValue: correlation.pValue,
        intervalMethod:
          "r \(Correlation.intervalMethod), slope \(LinearFit.bootstrapMethod())")
    }

    /// `r = 0.82 (0.64–0.91), slope 1.28 (0.93–1.79)`
    var text: String {
      func number(_ value: Double) -> String {
        FixedPoint.text(value, decimals: 2).replacing("-", with: "−")
      }
      func spread(_ interval: Interval?) -> String {
        interval.map { " (\(number($0.lower)) to \(number($0.upper)))" } ?? ""
      }
      return "r = \(number(r))\(spread(rInterval)), slope \(number(slope))\(spread(slopeInterval))"
    }
  }

  package var model: String
  package var datasets: [Dataset]
  package var regression: Regression?

  package init(model: String, datasets: [Dataset], regression: Regression?) {
    self.model = model
    self.datasets = datasets
    self.regression = regression
  }

  package var figure: Figure {
    let values = datasets.flatMap { [$0.probe, $0.zeroShot] }.filter(\.isFinite)
    let lower = max(0, ((values.min() ?? 0) * 10 - 0.5).rounded(.down) / 10)
    let upper = min(1, ((values.max() ?? 1) * 10 + 0.5).rounded(.up) / 10)
    let range = lower < upper ? lower...upper : 0...1
    let summary = regression?.text
    var figure = Figure(
      name: "zero-shot-and-probe-\(model)",
      title: "Zero-shot against linear probe: \(model)",
      description: (["\(datasets.count) datasets."] + [summary.map { "\($0)." }].compactMap(\.self)
        + [
          datasets.map {
            "\($0.name): probe \(Percent.text($0.probe)) %, zero-shot \(Percent.text($0.zeroShot)) %"
          }.joined(separator: "; ") + "."
        ]).joined(separator: " "),
      subtitle: summary.map { "\(datasets.count) datasets, \($0)" },
      x: Axis("linear probe (%)", name: "probe", unit: .percent, range: range),
      y: Axis("zero-shot (%)", name: "zeroShot", unit: .percent, range: range))
    figure.width = 640
    figure.isSquare = true
    figure.naming = .none
    figure.series = [
      Series(
        "datasets", colour: 0, marker: .circle,
        points: datasets.map { dataset in
          Series.Point(
            dataset.probe, dataset.zeroShot, xInterval: dataset.probeInterval,
            yInterval: dataset.zeroShotInterval, label: dataset.name,
            tip:
              "\(dataset.name): probe \(Percent.text(dataset.probe)) %, zero-shot \(Percent.text(dataset.zeroShot)) %"
          )
        })
    ]
    figure.rules = [Rule(.line(intercept: 0, slope: 1), label: "y = x", dash: .dotted)]
    if let regression {
      figure.rules.append(
        Rule(
          .line(intercept: regression.intercept, slope: regression.slope), label: "regression",
          dash: .solid, colour: 1))
    }
    return figure
  }
}
