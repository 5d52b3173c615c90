import CKernels
import COneDNN
import COpenBLAS
import Foundation

/// Which machine code computes: part of every embedding's key, since other kernels give other last bits.
package struct KernelClass: Sendable, Hashable, Codable, CustomStringConvertible {
  /// `openblas_get_corename()`, for example `SkylakeX`.
  package var blasCore: String
  /// `openblas_get_config()`: another version may take another path through a matrix product.
  package var blasBuild: String
  /// Version and instruction set of the library the towers compute with, for example
  /// `oneDNN 2.6.3 avx512_core_amx`.
  package var towers: String
  /// Instruction set of this program's own kernels, for example `x86-64-v4`.
  package var isa: String
  /// Of this program's own arithmetic, from a file to its feature. To be raised by every change to preprocessing,
  /// tokenizer or towers that moves a bit of any feature, so that no run mixes features of before and after.
  package var revision: Int

  package static let current = KernelClass(
    blasCore: String(cString: openblas_get_corename()), blasBuild: BLAS.configuration,
    towers: oneDNN,
    isa: String(cString: ck_isa()), revision: 2)

  package var description: String { "\(towers), OpenBLAS \(blasCore), \(isa)" }

  private static var oneDNN: String {
    var text = [CChar](repeating: 0, count: 96)
    cn_describe(&text, text.count)
    let library = String(
      decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // oneDNN can be held to fewer instructions than attention, which is this program's own, goes by.
    let usesTiles = ck_has_amx() != 0
    return usesTiles == library.contains("amx")
      ? library : "\(library), attention \(usesTiles ? "with" : "without") AMX"
  }

  /// What to tell a user whose BLAS kernel is below what the processor can do; nil when it is not.
  package var warning: String? {
    let wide = ["SkylakeX", "Cooperlake", "SapphireRapids"]
    let fused = ["Haswell", "Zen", "Excavator"]
    let core = blasCore.lowercased()
    func runs(_ cores: [String]) -> Bool { cores.contains { $0.lowercased() == core } }
    let lacking: String
    switch isa {
    case "x86-64-v4" where !runs(wide): lacking = "AVX-512"
    case "x86-64-v3" where !runs(wide + fused): lacking = "AVX2 and FMA"
    default: return nil
    }
    let inherited = ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"]
    let cause =
      inherited.map { "OPENBLAS_CORETYPE=\($0) is set in the environment: unset it." }
      ?? "Set OPENBLAS_CORETYPE to a newer core, or use a newer OpenBLAS."
    return
      "This processor has \(lacking), but OpenBLAS, which scores features, runs its \(blasCore) kernels, about half as fast. \(cause)"
  }
}

/// The process-wide thread count of OpenBLAS.
package enum BLAS {
  /// One where several workers call BLAS side by side, so that its own pool does not compete with them.
  package static func setThreads(_ count: Int) { openblas_set_num_threads(Int32(count)) }

  /// `openblas_get_config()`: version and build options.
  package static var configuration: String {
    String(cString: openblas_get_config()).trimmingCharacters(in: .whitespaces)
  }
}
