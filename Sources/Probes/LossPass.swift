import Core
import LinearAlgebra

/// What a pass compares logits with, ready for the kernels.
enum PassTargets: Sendable {
  /// A class number a sample: softmax over the rows of a weight matrix.
  case softmax([Int32])
  /// 0 or 1 for each sample and row of a weight matrix: a logistic loss each.
  case logistic([UInt8])
}

/// Objective and gradient of linear classifiers, without regularisation, summed over all samples: one pass over the features serves
/// several weight matrices, whose products are then one large one.
///
/// Samples go through in blocks that stay in the cache for both products, X·Wᵀ and Pᵀ·X, and the loss between them. A gradient is summed in
/// `Scalar` over at most 4096 samples, in float64 over these chunks; losses and intercepts are summed in float64. Chunks belong to lanes,
/// and lanes are summed in order, so a result has the same bits whatever the number of threads.
final class LossPass<Scalar: PassScalar>: @unchecked Sendable {
  // Sendable: lanes and workspaces are each used by one worker at a time.
  let features: FeatureRows
  let targets: PassTargets
  /// Rows of one weight matrix.
  let rowsPerProblem: Int
  /// Samples whose logits are held at a time: few enough for the cache, enough for fast products. It depends on what a stack may hold rather than
  /// on what it does, since sums over blocks depend on it.
  private let blockRows: Int
  let threads: Int

  private let columns: Int
  private let chunks: [Range<Int>]
  private let laneCount: Int
  private var lanes: [Lane] = []
  private var workspaces: [Workspace] = []
  /// Weight rows that lanes and workspaces have room for.
  private var capacity = 0

  /// What a pass gives for a stack of weight matrices.
  struct Sums {
    /// One for each weight matrix.
    var losses: [Double]
    /// Rows of the stack × D.
    var gradient: [Double]
    /// Rows of the stack.
    var biasGradient: [Double]
    /// Σ p (1 − p) for each row; empty unless asked for.
    var curvature: [Double]
  }

  /// - Parameter problems: weight matrices that a stack has at most.
  init(
    features: FeatureRows, targets: PassTargets, rowsPerProblem: Int, problems: Int, threads: Int
  ) {
    self.features = features
    self.targets = targets
    self.rowsPerProblem = rowsPerProblem
    columns = features.columns
    // Seven at a time begin the paper's search.
    let fitting = (1 << 19) / max(1, rowsPerProblem * min(problems, 7))
    blockRows = min(2048, max(256, fitting / 64 * 64))
    let count = features.count
    let rows = min(4096, max(512, (count + 7) / 8))
    chunks = stride(from: 0, to: count, by: rows).map { $0..<min(count, $0 + rows) }
    laneCount = min(16, chunks.count)
    self.threads = min(threads, laneCount)
  }

  /// One pass for the weight matrices of a stack, each `rowsPerProblem` × D.
  ///
  /// - Parameters:
  ///   - weights: all their rows, one after another.
  ///   - bias: one a row.
  func evaluate(weights: [Scalar], bias: [Scalar], withCurvature: Bool = false) throws -> Sums {
    let rows = bias.count
    reserve(rows)
    let work = 4 * features.count * columns * rows
    // Starting threads costs more than very little work does.
    let workers = work < 20_000_000 ? 1 : threads
    try each(laneCount, workers: workers) { lane, worker in
      weights.withUnsafeBufferPointer { weights in
        bias.withUnsafeBufferPointer { bias in
          guard let weights = weights.baseAddress, let bias = bias.baseAddress else { return }
          self.run(
            lane, worker, weights: weights, bias: bias, rows: rows, withCurvature: withCurvature)
        }
      }
    }
    return try combined(rows: rows, workers: workers, withCurvature: withCurvature)
  }

  private func each(
    _ count: Int, workers: Int, _ body: @escaping @Sendable (_ item: Int, _ worker: Int) -> Void
  ) throws {
    guard workers > 1 else {
      BLAS.useThisThreadOnly()
      for item in 0..<count { body(item, 0) }
      return
    }
    let queue = WorkQueue(count: count)
    try Workers.run(count: workers) { worker, isCancelled in
      BLAS.useThisThreadOnly()
      while !isCancelled(), let item = queue.next() { body(item, worker) }
    }
  }

  private func reserve(_ rows: Int) {
    guard rows > capacity else { return }
    capacity = rows
    lanes = []
    workspaces = []
    let isSummed = chunks.count > laneCount
    lanes = (0..<laneCount).map { _ in
      Lane(rows: rows, columns: columns, problems: rows / rowsPerProblem, isSummed: isSummed)
    }
    workspaces = (0..<threads).map { _ in
      Workspace(blockRows: blockRows, rows: rows, columns: columns)
    }
  }

  private func run(
    _ index: Int, _ worker: Int, weights: UnsafePointer<Scalar>, bias: UnsafePointer<Scalar>,
    rows: Int, withCurvature: Bool
  ) {
    let lane = lanes[index]
    let workspace = workspaces[worker]
    lane.clear(rows: rows, columns: columns)
    let problems = rows / rowsPerProblem
    for (turn, chunk) in Swift.stride(from: index, to: chunks.count, by: laneCount).enumerated() {
      var isFirst = true
      for start in Swift.stride(
        from: chunks[chunk].lowerBound, to: chunks[chunk].upperBound, by: blockRows)
      {
        let block = start..<min(start + blockRows, chunks[chunk].upperBound)
        features.withRows(block) { source, run in
          let x = Scalar.converted(source, count: run.count * columns, scratch: workspace.converted)
          Scalar.multiply(
            x, transposed: false, lda: columns, weights, transposed: true, ldb: columns,
            into: workspace.logits, ldc: rows, beta: 0, m: run.count, n: rows, k: columns)
          for problem in 0..<problems {
            let first = problem * rowsPerProblem
            lane.losses[problem] += Scalar.loss(
              workspace.logits + first, samples: run, classes: rowsPerProblem, stride: rows,
              bias: bias + first, targets: targets, biasGradient: lane.biasGradient + first,
              curvature: withCurvature ? lane.curvature + first : nil)
          }
          Scalar.multiply(
            workspace.logits, transposed: true, lda: rows, x, transposed: false, ldb: columns,
            into: lane.gradient, ldc: columns, beta: isFirst ? 0 : 1, m: rows, n: columns,
            k: run.count)
          isFirst = false
        }
      }
      lane.flush(count: rows * columns, isFirst: turn == 0)
    }
  }

  /// The lanes' sums in the lanes' order.
  private func combined(rows: Int, workers: Int, withCurvature: Bool) throws -> Sums {
    let problems = rows / rowsPerProblem
    var losses = [Double](repeating: 0, count: problems)
    var bias = [Double](repeating: 0, count: rows)
    var curvature = [Double](repeating: 0, count: withCurvature ? rows : 0)
    for lane in lanes {
      for problem in 0..<problems { losses[problem] += lane.losses[problem] }
      for row in 0..<rows { bias[row] += lane.biasGradient[row] }
      if withCurvature { for row in 0..<rows { curvature[row] += lane.curvature[row] } }
    }
    let count = rows * columns
    let slice = 1 << 15
    let lanes = self.lanes
    let gradient = try [Double](unsafeUninitializedCapacity: count) { buffer, filled in
      if let base = buffer.baseAddress {
        let target = Writable(pointer: base)
        try each((count + slice - 1) / slice, workers: workers) { item, _ in
          let range = item * slice..<min(count, (item + 1) * slice)
          let to = target.pointer
          for (index, lane) in lanes.enumerated() {
            if let sums = lane.sums {
              if index == 0 {
                for i in range { to[i] = sums[i] }
              } else {
                for i in range { to[i] += sums[i] }
              }
            } else if index == 0 {
              for i in range { to[i] = Double(lane.gradient[i]) }
            } else {
              for i in range { to[i] += Double(lane.gradient[i]) }
            }
          }
        }
      }
      filled = count
    }
    return Sums(losses: losses, gradient: gradient, biasGradient: bias, curvature: curvature)
  }

  private struct Writable: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<Double>
  }

  /// The sums of every `laneCount`-th chunk.
  private final class Lane: @unchecked Sendable {
    let gradient: UnsafeMutablePointer<Scalar>
    /// In float64 over the chunks, where a lane has several.
    let sums: UnsafeMutablePointer<Double>?
    let biasGradient: UnsafeMutablePointer<Double>
    let curvature: UnsafeMutablePointer<Double>
    let losses: UnsafeMutablePointer<Double>
    private let buffers: [ScratchBuffer]
    private let problems: Int

    init(rows: Int, columns: Int, problems: Int, isSummed: Bool) {
      self.problems = problems
      let count = rows * columns
      let gradient = ScratchBuffer(byteCount: count * MemoryLayout<Scalar>.stride)
      let sums = isSummed ? ScratchBuffer(byteCount: count * 8) : nil
      let small = ScratchBuffer(byteCount: (2 * rows + problems) * 8)
      buffers = [gradient, small] + (sums.map { [$0] } ?? [])
      self.gradient = gradient.pointer.assumingMemoryBound(to: Scalar.self)
      self.sums = sums?.pointer.assumingMemoryBound(to: Double.self)
      biasGradient = small.pointer.assumingMemoryBound(to: Double.self)
      curvature = biasGradient + rows
      losses = curvature + rows
    }

    func clear(rows: Int, columns: Int) {
      biasGradient.update(repeating: 0, count: rows)
      curvature.update(repeating: 0, count: rows)
      losses.update(repeating: 0, count: problems)
    }

    func flush(count: Int, isFirst: Bool) {
      guard let sums else { return }
      if isFirst {
        for i in 0..<count { sums[i] = Double(gradient[i]) }
      } else {
        for i in 0..<count { sums[i] += Double(gradient[i]) }
      }
    }
  }

  /// A worker's own memory.
  private final class Workspace: @unchecked Sendable {
    let logits: UnsafeMutablePointer<Scalar>
    let converted: UnsafeMutablePointer<Scalar>?
    private let buffers: [ScratchBuffer]

    init(blockRows: Int, rows: Int, columns: Int) {
      let size = MemoryLayout<Scalar>.stride
      let logits = ScratchBuffer(byteCount: blockRows * rows * size)
      let converted =
        Scalar.self == Float.self ? nil : ScratchBuffer(byteCount: blockRows * columns * size)
      buffers = [logits] + (converted.map { [$0] } ?? [])
      self.logits = logits.pointer.assumingMemoryBound(to: Scalar.self)
      self.converted = converted?.pointer.assumingMemoryBound(to: Scalar.self)
    }
  }
}
