import Datasets
import Experiments

/// The main score of each model on each dataset in one experiment.
struct ScoreTable {
  /// As the rows come.
  private(set) var models: [String] = []
  private(set) var datasets: [String] = []
  private var rows: [[String]: ResultRow] = [:]

  /// - Parameters:
  ///   - rows: of one experiment, those of a dataset's main metric first. Of several with one model and dataset the last counts: suites
  ///     list class names and templates from the plainest to the fullest.
  init(_ rows: [ResultRow]) {
    var metrics: [String: String] = [:]
    var names = DatasetNames()
    for row in rows {
      let name = names.name(of: row)
      let metric = metrics[name] ?? row.metric
      metrics[name] = metric
      guard row.metric == metric, row.value != nil else { continue }
      if !models.contains(row.model) { models.append(row.model) }
      if !datasets.contains(name) { datasets.append(name) }
      self.rows[[row.model, name]] = row
    }
  }

  func row(_ model: String, _ dataset: String) -> ResultRow? { rows[[model, dataset]] }
  func value(_ model: String, _ dataset: String) -> Double? { row(model, dataset)?.value }

  /// Those on which every one of these models has a value.
  func common(to models: [String]) -> [String] {
    datasets.filter { dataset in models.allSatisfy { value($0, dataset) != nil } }
  }

  /// - Returns: nil where one is missing, and over no datasets.
  func mean(_ model: String, _ datasets: [String]) -> Double? {
    let values = datasets.compactMap { value(model, $0) }
    return values.count == datasets.count && !values.isEmpty
      ? values.reduce(0, +) / Double(values.count) : nil
  }

  /// Datasets of which only a part was evaluated.
  func partial(_ models: [String], _ datasets: [String]) -> [String] {
    datasets.filter { dataset in models.contains { row($0, dataset)?.partial == true } }
  }
}

/// What rows' datasets are called here: by their ids where options and split are the default, as published numbers are; else with what
/// was chosen.
private struct DatasetNames {
  private struct Defaults {
    var options: String?
    var split: String?
  }
  private var known: [String: Defaults] = [:]

  mutating func name(of row: ResultRow) -> String {
    let defaults = known[row.dataset] ?? Self.defaults(of: row.dataset)
    known[row.dataset] = defaults
    let options = row.protocol.datasetOptions
    var parts = [row.dataset]
    if let options, options != defaults.options { parts.append(options) }
    // Probes have splits of their own.
    if row.probe == nil, let own = row.protocol.split, let split = defaults.split, own != split {
      parts.append(own)
    }
    return parts.joined(separator: " ")
  }

  private static func defaults(of dataset: String) -> Defaults {
    guard let adapter = try? DatasetRegistry.adapter(named: dataset) else { return Defaults() }
    let options = (try? adapter.effectiveOptions([:])).flatMap { DatasetOption.text($0) }
    return Defaults(
      options: options, split: adapter.info.splits.isEmpty ? nil : adapter.info.defaultSplit)
  }
}
