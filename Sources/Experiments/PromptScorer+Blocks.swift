import Core
import LinearAlgebra
import Metrics

extension PromptScorer {
  /// A common ensemble and what becomes of it with each of some templates more, or less.
  struct Ensembles: Sendable {
    let prompts: PromptFeatures
    /// C × D.
    private let common: [Double]
    private let commonFloats: [Float]
    private let commonCount: Int
    let templates: [Int]
    private let sign: Double
    /// Of each template 1 / length of each class's sum, T × C.
    private let inverses: [[Float]]
    /// Of each template a bound on how far a cosine by BLAS is from the true one.
    private let errors: [Float]

    init(
      _ prompts: PromptFeatures, common: [Double], commonCount: Int, _ templates: [Int],
      sign: Double
    ) throws(EvalError) {
      self.prompts = prompts
      self.common = common
      self.commonCount = commonCount
      self.templates = templates
      self.sign = sign
      commonFloats = common.map { Float($0) }
      let (classCount, dimension) = (prompts.classCount, prompts.dimension)
      func lengths(_ sums: [Double]) -> [Double] {
        sums.withUnsafeBufferPointer { sums in
          (0..<classCount).map { owner in
            var sum = 0.0
            for index in owner * dimension..<(owner + 1) * dimension {
              sum += sums[index] * sums[index]
            }
            return sum.squareRoot()
          }
        }
      }
      let own = lengths(common)
      var inverses: [[Float]] = []
      var errors: [Float] = []
      for template in templates {
        var sums = common
        prompts.add(template, to: &sums, sign: sign)
        let changed = lengths(sums)
        var ratio = 1.0
        for owner in 0..<classCount {
          let names = Double(prompts.nameCounts[owner])
          guard changed[owner] > 1e-12 * names * Double(commonCount + 1) else {
            throw EvalError(
              .malformedData,
              "the text features of the prompts of class \(owner) cancel out in an ensemble with template \(template + 1)"
            )
          }
          // Each product errs in proportion to the length of what it is made of.
          ratio = max(ratio, (own[owner] + names) / changed[owner])
        }
        inverses.append(changed.map { Float(1 / $0) })
        errors.append(2.01 * Float(Double(dimension + 16) * 0x1p-24 * ratio))
      }
      self.inverses = inverses
      self.errors = errors
    }

    /// What each image is worth under each template, of a block of images.
    /// - Parameter images: unit rows.
    func credits(
      of images: Matrix, labels: ArraySlice<Int>, metric: MetricName, scale: Float
    ) -> [[UInt8]] {
      let (classCount, dimension, rows) = (prompts.classCount, prompts.dimension, images.rows)
      var base = [Float](repeating: 0, count: rows * classCount)
      if commonCount > 0 { Self.multiply(images, commonFloats, into: &base) }
      var own = [Float](repeating: 0, count: rows * classCount)
      let counted = metric == .accuracy || metric == .meanPerClass ? 1 : 5
      let wanted = Array(labels)
      return templates.indices.map { place in
        var sums = [Double](repeating: 0, count: classCount * dimension)
        prompts.add(templates[place], to: &sums)
        let floats = sums.map { Float($0) }
        Self.multiply(images, floats, into: &own)
        let sign = Float(self.sign)
        return base.withUnsafeBufferPointer { base in
          own.withUnsafeBufferPointer { own in
            inverses[place].withUnsafeBufferPointer { inverses in
              var close: [Int] = []
              return (0..<rows).map { row -> UInt8 in
                let (start, label) = (row * classCount, wanted[row])
                func cosine(_ owner: Int) -> Float {
                  (base[start + owner] + sign * own[start + owner]) * inverses[owner]
                }
                let limit = cosine(label)
                let (above, below) = (limit + errors[place], limit - errors[place])
                var before = 0
                close.removeAll(keepingCapacity: true)
                for owner in 0..<classCount {
                  let value = cosine(owner)
                  guard value >= below, owner != label else { continue }
                  if value <= above {
                    close.append(owner)
                  } else {
                    before += 1
                    if before >= counted { break }
                  }
                }
                if !close.isEmpty, before < counted, before + close.count >= 1 {
                  before += exactlyBefore(
                    label, among: close, image: images.row(row), template: templates[place],
                    scale: scale)
                }
                return Self.credit(before, metric)
              }
            }
          }
        }
      }
    }

    /// - Parameter before: how many classes, of those that count, rank before the right one.
    private static func credit(_ before: Int, _ metric: MetricName) -> UInt8 {
      switch metric {
      case .accuracyAt5: before < 5 ? 1 : 0
      case .meanTop1Top5: (before < 1 ? 1 : 0) + (before < 5 ? 1 : 0)
      default: before < 1 ? 1 : 0
      }
    }

    /// How many of some classes rank before the right one by scores as `ZeroShotClassifier` has them: the lower number of equal ones.
    private func exactlyBefore(
      _ label: Int, among owners: [Int], image: ArraySlice<Float>, template: Int, scale: Float
    ) -> Int {
      func score(_ owner: Int) -> Float {
        let dimension = prompts.dimension
        var sums = Array(common[owner * dimension..<(owner + 1) * dimension])
        prompts.add(template, of: owner, to: &sums, sign: sign)
        let length = sums.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
        let sum = zip(image, sums).reduce(0.0) { $0 + Double($1.0) * Double(Float($1.1 / length)) }
        return Float(Double(scale) * sum)
      }
      let right = score(label)
      return owners.count { owner in
        let own = score(owner)
        return own > right || own == right && owner < label
      }
    }

    /// Images times class sums.
    private static func multiply(_ images: Matrix, _ sums: [Float], into result: inout [Float]) {
      let dimension = images.columns
      guard images.rows > 0, dimension > 0 else { return }
      images.storage.withUnsafeBufferPointer { images in
        sums.withUnsafeBufferPointer { sums in
          let (m, n) = (images.count / dimension, sums.count / dimension)
          result.withUnsafeMutableBufferPointer { result in
            guard let a = images.baseAddress, let b = sums.baseAddress, let c = result.baseAddress
            else { return }
            Float.multiply(
              a, transposed: false, lda: dimension, b, transposed: true, ldb: dimension, into: c,
              ldc: n, beta: 0, m: m, n: n, k: dimension)
          }
        }
      }
    }
  }
}
