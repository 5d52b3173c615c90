import COneDNN
import Core

/// What a tower computes in.
package enum TowerPrecision: String, Sendable, Codable, CaseIterable {
  case fp32
  /// bfloat16 products with float32 sums; the residual stream, norms and softmax stay float32.
  case bf16

  /// - Throws: `EvalError.badSuite` where this processor has no bfloat16 arithmetic: emulated, it would be
  ///   slower than float32 and less exact.
  package func requireSupport() throws {
    guard self == .bf16, cn_has_bf16() == 0 else { return }
    throw EvalError(
      .badSuite,
      "precision bf16 needs a processor with AVX512_BF16 or AMX, and this one has neither",
      remedy: "Use --precision fp32.")
  }

  var element: cn_type { self == .bf16 ? CN_BF16 : CN_F32 }
  package var bytes: Int { self == .bf16 ? 2 : 4 }
}
