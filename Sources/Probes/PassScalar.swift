import CKernels
import LinearAlgebra

/// Element types a pass can compute in.
protocol PassScalar: GEMMScalar {
  /// Features in this type: themselves, or a copy in `scratch`.
  static func converted(
    _ features: UnsafePointer<Float>, count: Int, scratch: UnsafeMutablePointer<Self>?
  ) -> UnsafePointer<Self>

  /// Turns the logits of some samples into gradients by the logits (`CKernels/probe.h`).
  /// - Parameter samples: whose targets to compare with.
  static func loss(
    _ logits: UnsafeMutablePointer<Self>, samples: Range<Int>, classes: Int, stride: Int,
    bias: UnsafePointer<Self>, targets: PassTargets, biasGradient: UnsafeMutablePointer<Double>,
    curvature: UnsafeMutablePointer<Double>?
  ) -> Double
}

extension Float: PassScalar {
  static func converted(
    _ features: UnsafePointer<Float>, count: Int, scratch: UnsafeMutablePointer<Float>?
  ) -> UnsafePointer<Float> { features }

  static func loss(
    _ logits: UnsafeMutablePointer<Float>, samples: Range<Int>, classes: Int, stride: Int,
    bias: UnsafePointer<Float>, targets: PassTargets, biasGradient: UnsafeMutablePointer<Double>,
    curvature: UnsafeMutablePointer<Double>?
  ) -> Double {
    switch targets {
    case .softmax(let labels):
      labels.withUnsafeBufferPointer { labels in
        guard let base = labels.baseAddress else { return 0 }
        return ck_softmax_loss_f32(
          logits, samples.count, classes, stride, bias, base + samples.lowerBound,
          biasGradient, curvature)
      }
    case .logistic(let bits):
      bits.withUnsafeBufferPointer { bits in
        guard let base = bits.baseAddress else { return 0 }
        return ck_logistic_loss_f32(
          logits, samples.count, classes, stride, bias,
          base + samples.lowerBound * classes, biasGradient, curvature)
      }
    }
  }
}

extension Double: PassScalar {
  static func converted(
    _ features: UnsafePointer<Float>, count: Int, scratch: UnsafeMutablePointer<Double>?
  ) -> UnsafePointer<Double> {
    guard let scratch else { preconditionFailure("float64 needs room to convert into") }
    for i in 0..<count { scratch[i] = Double(features[i]) }
    return UnsafePointer(scratch)
  }

  static func loss(
    _ logits: UnsafeMutablePointer<Double>, samples: Range<Int>, classes: Int, stride: Int,
    bias: UnsafePointer<Double>, targets: PassTargets, biasGradient: UnsafeMutablePointer<Double>,
    curvature: UnsafeMutablePointer<Double>?
  ) -> Double {
    switch targets {
    case .softmax(let labels):
      labels.withUnsafeBufferPointer { labels in
        guard let base = labels.baseAddress else { return 0 }
        return ck_softmax_loss_f64(
          logits, samples.count, classes, stride, bias, base + samples.lowerBound,
          biasGradient, curvature)
      }
    case .logistic(let bits):
      bits.withUnsafeBufferPointer { bits in
        guard let base = bits.baseAddress else { return 0 }
        return ck_logistic_loss_f64(
          logits, samples.count, classes, stride, bias,
          base + samples.lowerBound * classes, biasGradient, curvature)
      }
    }
  }
}
