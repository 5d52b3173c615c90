import Experiments
import Foundation
import References
import ResultDatabase
import Suites

extension RecordedRun {
  /// - Parameter rows: of the run, with published numbers.
  init(
    _ folder: RunFolder, _ record: RunRecord, _ rows: [ResultRow], _ published: PublishedResults
  ) {
    self.init(
      folder: folder.url.standardizedFileURL.resolvingSymlinksInPath().path(percentEncoded: false)
        .trimmingSuffix("/"), rows: rows, tasks: record.tasks)
    suites = record.suites.map { ($0.path, $0.text) }
    programVersion = record.programVersion
    processor = record.machine.processor
    threads = record.threads
    precision = record.precision
    started = record.start.ISO8601Format()
    ended = record.end?.ISO8601Format()
    state = record.state.rawValue
    for (number, row) in rows.enumerated() {
      let found = published.others(for: row)
      if !found.isEmpty { others[number] = found }
    }
  }
}

extension String {
  fileprivate func trimmingSuffix(_ suffix: String) -> String {
    count > suffix.count && hasSuffix(suffix) ? String(dropLast(suffix.count)) : self
  }
}
