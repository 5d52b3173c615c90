import Core
import Foundation

/// What standard error is, and how it may be written to.
enum Terminal {
  static let isInteractive = isatty(STDERR_FILENO) == 1 && environment("TERM") != "dumb"

  /// Columns: `COLUMNS`, then the terminal's own, else 80.
  static var width: Int {
    if let columns = environment("COLUMNS").flatMap(Int.init), columns > 0 { return columns }
    var size = winsize()
    if ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      return Int(size.ws_col)
    }
    return 80
  }

  static func error(_ line: String) { write(line + "\n") }

  /// What cannot be written there is lost: no work stops for it.
  static func write(_ text: String) {
    try? Data(text.utf8).withUnsafeBytes {
      try AtomicFile.writeAll($0, to: STDERR_FILENO, subject: "standard error")
    }
  }

  private static func environment(_ name: String) -> String? {
    ProcessInfo.processInfo.environment[name].flatMap { $0.isEmpty ? nil : $0 }
  }
}
