import Core
import Foundation
import LinearAlgebra
import Probes

/// Σᵢ CEᵢ + ‖W‖²/(2C) of a model and its gradient, written down in float64 without any shortcut: what the solver's own figures are
/// held against.
struct PlainObjective {
  var value = 0.0
  /// max|∂| / N over weights and intercepts.
  var gradientNorm = 0.0

  init(_ model: LinearModel, _ data: ProbeData, C: Double) {
    let width = model.columns
    let rows = data.count
    // Of two classes and one label, the first one's row is no parameter.
    var free = Array(0..<model.classCount)
    if case .single = data.labels, model.classCount == 2 { free = [1] }
    // A class without samples has no parameters either.
    free.removeAll { model.intercepts[$0] == -.infinity }
    var gradient = [Double](repeating: 0, count: model.classCount * (width + 1))
    var logits = [Double](repeating: 0, count: model.classCount)
    data.features.withRows(0..<rows) { features, run in
      model.weights.withUnsafeBufferPointer { weights in
        gradient.withUnsafeMutableBufferPointer { gradient in
          for row in run {
            let x = features + (row - run.lowerBound) * width
            for k in 0..<logits.count {
              var sum = model.intercepts[k]
              for d in 0..<width { sum += weights[k * width + d] * Double(x[d]) }
              logits[k] = sum
            }
            let residuals = Self.residuals(logits, data.labels, row, &value)
            for k in 0..<logits.count {
              for d in 0..<width { gradient[k * (width + 1) + d] += residuals[k] * Double(x[d]) }
              gradient[k * (width + 1) + width] += residuals[k]
            }
          }
        }
      }
    }
    for k in free {
      for d in 0..<width {
        let weight = model.weights[k * width + d]
        value += weight * weight / (2 * C)
        gradient[k * (width + 1) + d] += weight / C
      }
      for d in 0...width {
        gradientNorm = max(gradientNorm, gradient[k * (width + 1) + d].magnitude / Double(rows))
      }
    }
  }

  /// The loss's derivatives by the logits of a sample; adds its loss.
  private static func residuals(
    _ logits: [Double], _ labels: ProbeLabels, _ row: Int, _ loss: inout Double
  ) -> [Double] {
    switch labels {
    case .single(let classes):
      let largest = logits.max() ?? 0
      var residuals = logits.map { exp($0 - largest) }
      let total = residuals.reduce(0, +)
      loss += log(total) + largest - logits[classes[row]]
      for k in residuals.indices { residuals[k] /= total }
      residuals[classes[row]] -= 1
      return residuals
    case .multiple(let matrix):
      return zip(logits, matrix.row(row)).map { logit, label in
        let target = label == .positive ? 1.0 : 0
        loss += max(logit, 0) - target * logit + log1p(exp(-logit.magnitude))
        return 1 / (1 + exp(-logit)) - target
      }
    }
  }
}
