import Experiments
import Statistics

/// Few-shot results of one model: a line for each dataset, a column for each number of training samples a class.
struct FewShotTable {
  /// What the rows of one line share.
  private struct Line: Hashable {
    var dataset: String
    var split: String?
    var metric: String
    var selection: String?
    var solver: String?
    var featureKind: String?

    init(_ row: ResultRow) {
      dataset = row.dataset
      split = row.protocol.split
      metric = row.metric
      selection = row.probe?.selection
      solver = row.probe?.solver
      featureKind = row.protocol.featureKind
    }
  }

  private let rows: [ResultRow]
  private let zeroShot: [ResultRow]
  private let shots: [Int]

  /// - Parameters:
  ///   - rows: with a number of shots.
  ///   - zeroShot: rows among which the model's zero-shot results are.
  init(_ rows: [ResultRow], zeroShot: [ResultRow]) {
    self.rows = rows
    self.zeroShot = zeroShot.filter { $0.probe == nil && !$0.protocol.isOfSingleTemplate }
    shots = Set(rows.compactMap { $0.probe?.shots }).sorted()
  }

  var blocks: [String] {
    let lines = rows.map(Line.init).uniqued()
    let zeros = lines.map(zeroShotRow)
    let showsZero = zeros.contains { $0 != nil }
    var table = MarkdownTable(
      [("Dataset", .left), ("Metric", .left)] + (showsZero ? [("0", .right)] : [])
        + shots.map { ("\($0)", .right) } + [
          ("C chosen on", .left), ("Solver", .left), ("Features", .left), ("Protocol", .left),
        ])
    for (line, zero) in zip(lines, zeros) {
      let own = rows.filter { Line($0) == line }
      var cells = [
        Markdown.escaped(line.dataset) + (own.contains(where: \.partial) ? " **(partial)**" : ""),
        Markdown.escaped(line.metric),
      ]
      if showsZero {
        cells.append(
          zero.map { withTestInterval(Percent.text($0.value), $0.interval95) }
            ?? Markdown.unknown)
      }
      cells += shots.map { shots in cell(own.filter { $0.probe?.shots == shots }) }
      cells += [line.selection, line.solver, line.featureKind].map {
        $0.map(Markdown.escaped) ?? Markdown.unknown
      }
      cells.append(shown(own).map { "`\($0.protocolHash.short)`" }.uniqued().joined(separator: " "))
      table.append(cells)
    }
    return [table.text] + (hidden > 0 ? [hiddenText] : [])
  }

  /// The zero-shot result of the same samples by the same metric; of several prompts, the last that the suite lists.
  private func zeroShotRow(_ line: Line) -> ResultRow? {
    zeroShot.last {
      $0.dataset == line.dataset && $0.protocol.split == line.split && $0.metric == line.metric
        && $0.value != nil
    }
  }

  /// The mean over seeds where there is one, else each seed's value.
  private func cell(_ rows: [ResultRow]) -> String {
    let cells = shown(rows).map { row in
      let mean = Percent.text(row.value) + Self.reach(row)
      return withTestInterval(mean, row.interval95)
    }
    return cells.isEmpty ? Markdown.unknown : cells.joined(separator: " / ")
  }

  private func withTestInterval(_ text: String, _ interval: Interval?) -> String {
    interval.map { "\(text) [\(Percent.text($0))]" } ?? text
  }

  /// ` ± 1.2` of a mean over seeds.
  private static func reach(_ row: ResultRow) -> String {
    guard let interval = row.probe?.seedInterval95 else { return "" }
    return " ± \(Percent.text((interval.upper - interval.lower) / 2))"
  }

  /// Single seeds give way to their mean.
  private func shown(_ rows: [ResultRow]) -> [ResultRow] {
    rows.filter { !isHidden($0) }
  }

  private func isHidden(_ row: ResultRow) -> Bool {
    row.probe?.seed != nil
      && rows.contains {
        $0.probe?.seed == nil && $0.probe?.shots == row.probe?.shots && Line($0) == Line(row)
      }
  }

  private var hidden: Int { rows.count(where: isHidden) }

  private var hiddenText: String {
    "Not shown: \(hidden == 1 ? "1 result" : "\(hidden) results") of single seeds, listed in results.csv."
  }

  static let legend = [
    "Few-shot: columns are training samples of each class, 0 is zero-shot; mean over seeds ± half of its 95 % t-interval (which training samples were drawn); in brackets the 95 % interval over test samples."
  ]
}
