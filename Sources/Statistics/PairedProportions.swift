/// The difference of two proportions on the same samples, from those that only one got right.
package enum PairedProportions {
  package static let methodName = "bonett-price"

  /// The adjusted Wald interval of Bonett and Price (Journal of Educational and Behavioral Statistics 2012): one sample is added to each of the four
  /// cells, of which two matter. Covers well from few samples on, and has a width even where nothing differs.
  /// - Returns: of the second less the first, within −1…1; nil without samples, or where the counts are not of so many.
  package static func interval(
    onlyFirst: Int, onlySecond: Int, count: Int, confidence: Double = 0.95
  ) -> Interval? {
    guard count > 0, onlyFirst >= 0, onlySecond >= 0, onlyFirst <= count,
      onlySecond <= count - onlyFirst, confidence > 0, confidence < 1,
      let z = normalTwoSided(confidence: confidence)
    else { return nil }
    let n = Double(count) + 2
    let (lost, gained) = ((Double(onlyFirst) + 1) / n, (Double(onlySecond) + 1) / n)
    let difference = gained - lost
    let reach = z * ((gained + lost - difference * difference) / n).squareRoot()
    return Interval(lower: max(-1, difference - reach), upper: min(1, difference + reach))
  }
}
