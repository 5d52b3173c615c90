import Logging

/// Writes swift-log's messages to standard error, one line each, over a progress bar if there is one.
struct TerminalLogHandler: LogHandler {
  var logLevel: Logger.Level
  var metadata: Logger.Metadata = [:]

  init(level: Logger.Level) { logLevel = level }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    if Terminal.isInteractive { Terminal.write("\r\u{1B}[K") }
    let context = (event.metadata ?? [:]).merging(metadata) { own, _ in own }
      .sorted { $0.key < $1.key }.map { " \($0.key)=\($0.value)" }.joined()
    Terminal.error("\(event.level): \(event.message)\(context)")
  }
}
