/// How far a classifier's confidence, the probability it gives its prediction, is from how often it is right.
///
/// The expected calibration error is Σ (n_b / N) · |accuracy_b − confidence_b| over bins b of samples of like confidence (Guo et al.,
/// "On Calibration of Modern Neural Networks", ICML 2017, equation 3, after Naeini et al., AAAI 2015). Bins of equal width are
/// theirs: bin m of M is ((m − 1)/M, m/M]. Bins of equal mass hold as many samples each (Nixon et al., "Measuring Calibration in
/// Deep Learning", CVPR workshops 2019), so that sparse bins of a confident model do not decide.
package struct Calibration: Sendable, Equatable {
  package static let binCount = 15

  package struct Bin: Sendable, Equatable {
    /// Of equal width the bin's edges, of equal mass the lowest and highest confidence in it.
    package var lower: Double
    package var upper: Double
    package var count = 0
    package var rightCount = 0
    /// Over the samples.
    package var confidenceSum = 0.0

    package var accuracy: Double? { count > 0 ? Double(rightCount) / Double(count) : nil }
    package var confidence: Double? { count > 0 ? confidenceSum / Double(count) : nil }

    mutating func add(_ confidence: Double, isRight: Bool) {
      count += 1
      if isRight { rightCount += 1 }
      confidenceSum += confidence
    }
  }

  /// From low confidence to high; some may be empty.
  package let equalWidth: [Bin]
  /// The same, none empty: their sizes differ by one at most, the first being the larger.
  package let equalMass: [Bin]

  /// - Parameters:
  ///   - confidence: of each sample the probability of the predicted class, 0…1.
  ///   - isRight: whether it is the right one; as many.
  /// - Returns: nil without samples, or for a confidence that is no probability.
  package init?(confidence: [Float], isRight: [Bool], binCount: Int = binCount) {
    guard !confidence.isEmpty, confidence.count == isRight.count, binCount > 0,
      confidence.allSatisfy({ (0...1).contains($0) })
    else { return nil }
    var wide = (0..<binCount).map { bin in
      Bin(lower: Double(bin) / Double(binCount), upper: Double(bin + 1) / Double(binCount))
    }
    for (value, isRight) in zip(confidence, isRight) {
      let place = (Double(value) * Double(binCount)).rounded(.up) - 1
      wide[max(0, min(binCount - 1, Int(place)))].add(Double(value), isRight: isRight)
    }
    equalWidth = wide

    // By confidence, then by sample, as integers: bits of numbers that are not negative rise with them.
    let sorted = confidence.indices.map { sample in
      UInt64((confidence[sample] + 0).bitPattern) << 32 | UInt64(sample)
    }.sorted().map { Int($0 & 0xFFFF_FFFF) }
    let massCount = min(binCount, sorted.count)
    let (size, larger) = sorted.count.quotientAndRemainder(dividingBy: massCount)
    var start = 0
    equalMass = (0..<massCount).map { bin in
      let own = sorted[start..<(start + size + (bin < larger ? 1 : 0))]
      start = own.endIndex
      var filled = Bin(
        lower: Double(confidence[own[own.startIndex]]),
        upper: Double(confidence[own[own.endIndex - 1]]))
      for sample in own { filled.add(Double(confidence[sample]), isRight: isRight[sample]) }
      return filled
    }
  }

  package var count: Int { equalMass.reduce(0) { $0 + $1.count } }
  package var meanConfidence: Double {
    equalMass.reduce(0) { $0 + $1.confidenceSum } / Double(count)
  }
  package var accuracy: Double {
    Double(equalMass.reduce(0) { $0 + $1.rightCount }) / Double(count)
  }

  /// Expected calibration error over bins of equal width.
  package var equalWidthError: Double { error(equalWidth) }
  /// The same over bins of equal mass.
  package var equalMassError: Double { error(equalMass) }

  private func error(_ bins: [Bin]) -> Double {
    bins.reduce(0) { $0 + abs(Double($1.rightCount) - $1.confidenceSum) } / Double(count)
  }
}
