import CKernels
import LinearAlgebra

/// Element types a pass can compute in.
protocol PassScalar: GEMMScalar {
  /// A loss of `CKernels/probe.h`: logits, samples, classes, stride, bias, targets, bias gradient, curvature.
  typealias Loss<Target> = (
    UnsafeMutablePointer<Self>, Int, Int, Int, UnsafePointer<Self>, UnsafePointer<Target>,
    UnsafeMutablePointer<Double>, UnsafeMutablePointer<Double>?
  ) -> Double

  static var softmaxLoss: Loss<Int32> { get }
  static var logisticLoss: Loss<UInt8> { get }

  /// Features in this type: themselves, or a copy in `scratch`.
  static func converted(
    _ features: UnsafePointer<Float>, count: Int, scratch: UnsafeMutablePointer<Self>?
  ) -> UnsafePointer<Self>

  static func basis(of whitening: Whitening) -> [Self]
}

extension PassScalar {
  /// Turns the logits of some samples into gradients by the logits (`CKernels/probe.h`).
  /// - Parameter samples: whose targets to compare with.
  static func loss(
    _ logits: UnsafeMutablePointer<Self>, samples: Range<Int>, classes: Int, stride: Int,
    bias: UnsafePointer<Self>, targets: PassTargets, biasGradient: UnsafeMutablePointer<Double>,
    curvature: UnsafeMutablePointer<Double>?
  ) -> Double {
    func sum<Target>(_ loss: Loss<Target>, _ targets: [Target], width: Int) -> Double {
      targets.withUnsafeBufferPointer { targets in
        guard let base = targets.baseAddress else { return 0 }
        return loss(
          logits, samples.count, classes, stride, bias, base + samples.lowerBound * width,
          biasGradient, curvature)
      }
    }
    return switch targets {
    case .softmax(let labels): sum(softmaxLoss, labels, width: 1)
    case .logistic(let bits): sum(logisticLoss, bits, width: classes)
    }
  }
}

extension Float: PassScalar {
  static var softmaxLoss: Loss<Int32> { ck_softmax_loss_f32 }
  static var logisticLoss: Loss<UInt8> { ck_logistic_loss_f32 }

  static func converted(
    _ features: UnsafePointer<Float>, count: Int, scratch: UnsafeMutablePointer<Float>?
  ) -> UnsafePointer<Float> { features }

  static func basis(of whitening: Whitening) -> [Float] { whitening.floatBasis }
}

extension Double: PassScalar {
  static var softmaxLoss: Loss<Int32> { ck_softmax_loss_f64 }
  static var logisticLoss: Loss<UInt8> { ck_logistic_loss_f64 }

  static func converted(
    _ features: UnsafePointer<Float>, count: Int, scratch: UnsafeMutablePointer<Double>?
  ) -> UnsafePointer<Double> {
    guard let scratch else { preconditionFailure("float64 needs room to convert into") }
    for i in 0..<count { scratch[i] = Double(features[i]) }
    return UnsafePointer(scratch)
  }

  static func basis(of whitening: Whitening) -> [Double] { whitening.basis }
}
