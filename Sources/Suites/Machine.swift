package import Core
import Foundation
import LinearAlgebra

/// Where a run took place: recorded with it, since speed and last bits depend on it.
package struct Machine: Codable, Sendable, Equatable {
  @ExplicitNull package var processor: String?
  package var processors: Int
  package var memoryBytes: UInt64
  package var system: String
  package var blasCore: String
  /// See `KernelClass.towers`.
  package var towerKernels: String
  package var blasConfiguration: String
  package var isa: String
  @ExplicitNull package var kernelWarning: String?

  package static var current: Machine {
    let kernels = KernelClass.current
    return Machine(
      processor: processorName(), processors: ProcessInfo.processInfo.activeProcessorCount,
      memoryBytes: ProcessInfo.processInfo.physicalMemory,
      system: ProcessInfo.processInfo.operatingSystemVersionString, blasCore: kernels.blasCore,
      towerKernels: kernels.towers,
      blasConfiguration: BLAS.configuration, isa: kernels.isa, kernelWarning: kernels.warning)
  }

  private static func processorName() -> String? {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else {
      return nil
    }
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    return line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
  }
}
