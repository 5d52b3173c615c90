import CLibFuzzer
import Foundation

/// `clip-eval-fuzz TARGET [libFuzzer's options and folders]`, and `clip-eval-fuzz TARGET --seeds FIXTURES FOLDER`, which
/// writes inputs to start from.
@main enum Main {
  nonisolated(unsafe) private static var target = FuzzTarget.safetensors
  nonisolated(unsafe) private static var folder = URL(filePath: "/")

  static func main() throws {
    var arguments = CommandLine.arguments
    guard arguments.count > 1, let chosen = FuzzTarget(rawValue: arguments.remove(at: 1)) else {
      print("expected one of \(FuzzTarget.allCases.map(\.rawValue).joined(separator: ", "))")
      exit(64)
    }
    target = chosen
    if arguments.count == 4, arguments[1] == "--seeds" {
      return try target.writeSeeds(
        from: URL(filePath: arguments[2]), to: URL(filePath: arguments[3]))
    }
    // libFuzzer ends the process, so whoever names TMPDIR removes what is left there.
    folder = FileManager.default.temporaryDirectory.appending(path: "clip-eval-fuzz-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    if target == .index {
      try FuzzTarget.writeShards(to: folder)
    }
    exit(fuzz(arguments))
  }

  private static func fuzz(_ arguments: [String]) -> CInt {
    var count = CInt(arguments.count)
    let copies = arguments.map { strdup($0) } + [nil]
    return copies.withUnsafeBufferPointer { buffer in
      var pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? =
        UnsafeMutablePointer(mutating: buffer.baseAddress)
      return LLVMFuzzerRunDriver(&count, &pointer) { bytes, size in
        Main.target.run(Data(UnsafeRawBufferPointer(start: bytes, count: size)), in: Main.folder)
        return 0
      }
    }
  }
}
