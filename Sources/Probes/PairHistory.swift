/// The latest steps s and gradient differences y of L-BFGS, with the inner products that its two-loop recursion needs.
struct PairHistory {
  private struct Pair {
    let step: [Double]
    let change: [Double]
  }

  private let memory: Int
  private var pairs: [Pair] = []
  /// sᵢᵀyⱼ for i ≤ j, and yᵢᵀyⱼ for i ≤ j, by age: row i, column j, oldest first.
  private var stepChange: [[Double]] = []
  private var changeChange: [[Double]] = []

  init(memory: Int) { self.memory = memory }

  var count: Int { pairs.count }

  mutating func removeAll() {
    pairs = []
    stepChange = []
    changeChange = []
  }

  /// Remembers a step, unless the gradient's change along it is not positive beyond rounding, as SciPy's L-BFGS-B does.
  mutating func append(
    from start: [Double], to end: [Double], gradientFrom: [Double], gradientTo: [Double],
    _ vectors: VectorWork
  ) throws {
    let step = try vectors.difference(end, start)
    let change = try vectors.difference(gradientTo, gradientFrom)
    let isFull = pairs.count == memory
    let kept = isFull ? Array(pairs.dropFirst()) : pairs
    let products = try vectors.dots(
      of: [change], with: kept.flatMap { [$0.step, $0.change] } + [step, change])[0]
    let (own, square) = (products[2 * kept.count], products[2 * kept.count + 1])
    guard own > 2.2e-16 * square, own > 0 else { return }
    if isFull {
      stepChange = stepChange.dropFirst().map { Array($0.dropFirst()) }
      changeChange = changeChange.dropFirst().map { Array($0.dropFirst()) }
    }
    pairs = kept
    for i in pairs.indices {
      stepChange[i].append(products[2 * i])
      changeChange[i].append(products[2 * i + 1])
    }
    let blank = [Double](repeating: 0, count: pairs.count)
    stepChange.append(blank + [own])
    changeChange.append(blank + [square])
    pairs.append(Pair(step: step, change: change))
  }

  /// −H·g, where H is the approximate inverse Hessian, and its inner product with g.
  func direction(
    _ gradient: [Double], _ vectors: VectorWork
  ) throws -> (direction: [Double], slope: Double) {
    let m = pairs.count
    let known = pairs.flatMap { [$0.step, $0.change] }
    let products = try vectors.dots(of: [gradient], with: known + [gradient])[0]
    // H·g = a·g + Σ stepFactor·s + Σ changeFactor·y.
    var stepFactor = [Double](repeating: 0, count: m)
    var changeFactor = [Double](repeating: 0, count: m)
    for i in stride(from: m - 1, through: 0, by: -1) {
      var product = products[2 * i]
      for j in i + 1..<max(m, i + 1) { product += changeFactor[j] * stepChange[i][j] }
      changeFactor[i] = -product / stepChange[i][i]
    }
    let alphas = changeFactor.map { -$0 }
    let scale = m > 0 ? stepChange[m - 1][m - 1] / changeChange[m - 1][m - 1] : 1
    for i in 0..<m { changeFactor[i] *= scale }
    for i in 0..<m {
      var product = scale * products[2 * i + 1]
      for j in 0..<m {
        product += changeFactor[j] * (j <= i ? changeChange[j][i] : changeChange[i][j])
      }
      for j in 0..<i { product += stepFactor[j] * stepChange[j][i] }
      stepFactor[i] = alphas[i] - product / stepChange[i][i]
    }
    var factors = [Double](repeating: 0, count: 2 * m + 1)
    for i in 0..<m {
      factors[2 * i] = -stepFactor[i]
      factors[2 * i + 1] = -changeFactor[i]
    }
    factors[2 * m] = -scale
    let direction = try vectors.sum(factors, known + [gradient])
    var slope = 0.0
    for (factor, product) in zip(factors, products) { slope += factor * product }
    return (direction, slope)
  }
}
