import Core
import Experiments
import Foundation
import Logging

/// The suites of the runs of a report: what they say of their numbers, and what they ask of robustness.
struct ReportedSuites {
  private(set) var descriptions: [String] = []
  /// Tables and figures that they say they make.
  private(set) var makes: [String] = []
  /// One for each block about robustness; runs of one suite share it.
  private(set) var analyses: [RobustnessAnalysis] = []
  /// Which suites no longer read, where that takes something from the report.
  private(set) var unread: [String] = []

  /// A block about robustness, and the bytes of the user's table that it is held against.
  private struct Block {
    var settings: RobustnessSettings
    var baselines: Data?
  }

  /// - Parameters:
  ///   - rows: of all runs.
  ///   - tasks: with these rows.
  init(_ runs: [ReportedRun], _ rows: [ResultRow], tasks: [ReportedTask]) {
    // A suite that no longer reads was read when the run was made; only robustness needs more of it than its rows.
    let isRobustness = rows.contains { $0.robustness != nil }
    var blocks: [Block] = []
    for run in runs {
      for text in run.record.suites {
        let suite: SuiteFile
        do {
          suite = try SuiteFile(yaml: text.text, file: text.path)
        } catch {
          guard isRobustness else { continue }
          let line =
            "The suite \(text.path) read when the run was made, and does not now: \(error). What it says of robustness is left out: figures, means and effective robustness."
          if !unread.contains(line) { unread.append(line) }
          continue
        }
        descriptions.append(suite.description)
        makes += suite.makes
        guard isRobustness, let settings = suite.robustness else { continue }
        let folder = run.folder?.url
        let block = Block(
          settings: settings,
          baselines: folder.flatMap { try? readFile(suite.baselineFile(in: $0)) })
        let isKnown = blocks.contains { known in
          block.settings.hasSameRows(known.settings) && block.baselines == known.baselines
        }
        guard !isKnown else { continue }
        blocks.append(block)
        if let analysis = RobustnessAnalysis(
          suite, rows, pairs: PairedClassifiers(tasks: tasks), run: folder)
        {
          analyses.append(analysis)
        }
      }
    }
    if runs.count > 1 { descriptions = descriptions.uniqued() }
    for line in unread { Logger(label: "clip-eval.suites").warning("\(line)") }
  }
}
