/// What computed the results, as far as it can move their last bits.
package struct MachineDescription: Sendable, Equatable, Codable {
  /// `AMD EPYC 9B45`
  package var processor: String?
  package var threads: Int?
  /// Library and core of its matrix kernels (`OpenBLAS 0.3.21 SkylakeX`).
  package var kernel: String?
  /// Of clip-eval.
  package var version: String?

  package init(processor: String?, threads: Int?, kernel: String?, version: String?) {
    self.processor = processor
    self.threads = threads
    self.kernel = kernel
    self.version = version
  }

  var sentence: String {
    let parts = [
      "processor \(processor.map(Markdown.escaped) ?? "unknown")",
      threads.map { $0 == 1 ? "1 thread" : "\($0) threads" } ?? "threads unknown",
      "kernel \(kernel.map(Markdown.escaped) ?? "unknown")",
      "clip-eval \(version.map(Markdown.escaped) ?? "of unknown version")",
    ]
    return "Machine: " + parts.joined(separator: ", ") + "."
  }
}
