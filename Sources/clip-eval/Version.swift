import LinearAlgebra

enum Version {
  static let number = "0.1.0"

  /// With the kernels this machine gets, since they are part of every result.
  static var description: String {
    "clip-eval \(number) (\(KernelClass.current); \(BLAS.configuration))"
  }
}
