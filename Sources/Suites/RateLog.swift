import Core
package import EmbeddingStore
import Foundation

/// How many images a second a model was measured at on this machine: a line for each task that computed any, beside the features that it
/// left. Results do not depend on it; it is for estimates alone.
package struct RateLog: Sendable {
  package struct Entry: Codable, Sendable, Equatable {
    package var host: String
    package var model: String
    package var precision: String
    package var threads: Int
    package var dataset: String
    package var images: Int
    package var seconds: Double
  }

  /// What a rate depends on besides the images.
  package struct Setting: Sendable, Equatable {
    package var host: String
    package var model: String
    package var precision: String
    package var threads: Int

    package init(model: String, precision: String, threads: Int) {
      host = ProcessInfo.processInfo.hostName
      (self.model, self.precision, self.threads) = (model, precision, threads)
    }
  }

  /// Fewer tell the time it takes to begin, rather than a rate.
  package static let fewestImages = 64

  private let url: URL

  package init(_ store: EmbeddingStore) { url = store.root.appending(path: "rates.jsonl") }

  /// - Throws: `EvalError.cannotWrite`.
  package func append(
    _ setting: Setting, dataset: String, images: Int, seconds: Double
  ) throws {
    guard images >= Self.fewestImages, seconds > 0, seconds.isFinite else { return }
    let entry = Entry(
      host: setting.host, model: setting.model, precision: setting.precision,
      threads: setting.threads, dataset: dataset, images: images, seconds: seconds)
    try AtomicFile.appendLine(CanonicalJSON.encode(entry), to: url)
  }

  /// Images a second: of the last run on the dataset, else of the last on each other dataset together; nil where nothing was measured.
  package func rate(_ setting: Setting, dataset: String) -> Double? {
    rate(setting) { $0 == dataset } ?? rate(setting) { _ in true }
  }

  private func rate(_ setting: Setting, _ isMeant: (String) -> Bool) -> Double? {
    var last: [String: Entry] = [:]
    for entry in entries
    where entry.host == setting.host && entry.model == setting.model
      && entry.precision == setting.precision && entry.threads == setting.threads
      && isMeant(entry.dataset)
    {
      last[entry.dataset] = entry
    }
    let seconds = last.values.reduce(0) { $0 + $1.seconds }
    return seconds > 0 ? Double(last.values.reduce(0) { $0 + $1.images }) / seconds : nil
  }

  /// Lines that a crash cut short are left out.
  private var entries: [Entry] {
    guard let data = try? Data(contentsOf: url) else { return [] }
    return data.split(separator: UInt8(ascii: "\n")).compactMap {
      try? JSONDecoder().decode(Entry.self, from: $0)
    }
  }
}
