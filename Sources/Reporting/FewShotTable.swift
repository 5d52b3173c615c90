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

  /// The rows shown.
  private let rows: [ResultRow]
  /// How many rows of single seeds are not.
  private let hidden: Int
  private let zeroShot: [ResultRow]
  private let shots: [Int]

  /// - Parameters:
  ///   - rows: with a number of shots.
  ///   - zeroShot: rows among which the model's zero-shot results are.
  init(_ rows: [ResultRow], zeroShot: [ResultRow]) {
    let means = Means(rows)
    self.rows = rows.filter { !means.replace($0) }
    hidden = rows.count(where: means.replace)
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
      cells.append(own.map { "`\($0.protocolHash.short)`" }.uniqued().joined(separator: " "))
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
    let cells = rows.map { row in
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

  private var hiddenText: String {
    "Not shown: \(hidden == 1 ? "1 result" : "\(hidden) results") of single seeds, listed in results.csv."
  }

  static let legend = [
    "Few-shot: columns are training samples of each class, 0 is zero-shot; mean over seeds ± half of its 95 % t-interval (which training samples were drawn); in brackets the 95 % interval over test samples."
  ]
}

extension FewShotTable {
  /// The means over seeds among some rows: single seeds give way to them.
  struct Means {
    private struct Key: Hashable {
      var line: Line
      var shots: Int?
      var model: String
      var experiment: String

      init(_ row: ResultRow) {
        line = Line(row)
        shots = row.probe?.shots
        model = row.model
        experiment = row.experiment
      }
    }

    private let keys: Set<Key>
    private let rows: [Key: [ResultRow]]

    init(_ rows: [ResultRow]) {
      let single = rows.filter { $0.probe?.shots != nil && $0.probe?.seed != nil }
      self.rows = Dictionary(grouping: single, by: Key.init)
      keys = Set(rows.filter { $0.probe?.shots != nil && $0.probe?.seed == nil }.map(Key.init))
    }

    /// Whether the row is of a single seed of a mean that is there.
    func replace(_ row: ResultRow) -> Bool {
      row.probe?.shots != nil && row.probe?.seed != nil && keys.contains(Key(row))
    }

    /// The single seeds that a row is the mean of; none of another row.
    func seeds(of row: ResultRow) -> [ResultRow] {
      row.probe?.shots != nil && row.probe?.seed == nil ? rows[Key(row)] ?? [] : []
    }
  }
}
