import Core
import Datasets
package import Experiments
import Foundation
package import Robustness
import YAMLFiles
import Yams

/// What a suite says of robustness: one dataset, and others that show its classes otherwise.
package struct RobustnessSettings: Sendable, Equatable {
  /// Models that others evaluated, against which effective robustness is measured.
  package enum Baselines: Sendable, Equatable {
    /// A table that comes with the program (`testbed`, `natural-shifts`).
    case shipped(ShippedBaselines)
    /// A file of the user's.
    case file(String)

    static let shippedNames: [(name: String, table: ShippedBaselines)] = [
      ("testbed", .testbed), ("natural-shifts", .naturalShifts),
    ]
  }

  /// As the suite writes it, like `shifts`: an entry's dataset, or an alias.
  package var base: String
  package var shifts: [String]
  /// Nil for none.
  package var baselines: Baselines?
  /// Each once, in the order they are made.
  package var classifiers: [RobustnessExperiment.Classifier]
  /// Of ensembles, as written.
  package var alphas: [Double]
  /// On which lines are fitted and figures drawn.
  package var scale: AccuracyScale
  /// Classes of a shift that the base lacks are left out, rather than an error.
  package var leavesOutUnmatched: Bool
  /// Where the block stands: file, line and column.
  package var place: String

  /// Whether the other's analysis is of the same rows, and draws the same.
  func hasSameRows(_ other: RobustnessSettings) -> Bool {
    base == other.base && shifts == other.shifts && baselines == other.baselines
      && scale == other.scale
  }

  package static let defaultAlphas = (0...10).map { Double($0) / 10 }
  /// Figure 15 of the paper.
  package static let defaultShots = [1, 2, 4, 8, 16, 32, 64, 128]
}

extension RobustnessSettings {
  private static let keys = [
    "base", "shifts", "baselines", "classifiers", "alphas", "scale", "unmatched",
  ]

  /// Reads a `robustness:` map, strictly.
  ///
  ///     robustness:
  ///       base: PACS-photo         # an entry of `datasets`, and those that show its classes otherwise
  ///       shifts: [PACS-art_painting, PACS-cartoon, PACS-sketch]
  ///       classifiers: [zero-shot] # zero-shot, class-shift, probe, few-shot, ensemble
  ///       alphas: [0, 0.5, 1]      # of ensembles; 0, 0.1, …, 1 otherwise
  ///       baselines: none          # testbed, natural-shifts, or a CSV file relative to the suite
  ///       scale: logit             # probit, linear
  ///       unmatched: leave-out     # classes of a shift that the base lacks; otherwise they are an error
  ///
  /// How probes are fitted says the base's `probe:`.
  ///
  /// - Parameter folder: the suite's.
  /// - Throws: `EvalError.malformedData` with line and column.
  init(_ node: Node, folder: URL, _ yaml: YAMLReader) throws {
    let fields = try YAMLFields(node, allowed: Self.keys, in: yaml)
    let baseNode = try fields.required("base")
    base = try yaml.text(baseNode, "the base's dataset")
    let list = try fields.required("shifts")
    let nodes = try yaml.list(list, "a list of datasets")
    guard !nodes.isEmpty else { throw yaml.error("expected at least one shift", at: list) }
    var seen = [Self.id(base): "the base"]
    shifts = try nodes.map { item in
      let name = try yaml.text(item, "a dataset")
      if let other = seen.updateValue("a shift already", forKey: Self.id(name)) {
        throw yaml.error("\(name) is \(other)", at: item)
      }
      return name
    }
    var known: Set<RobustnessExperiment.Classifier> = []
    classifiers =
      try fields["classifiers"].map { list in
        let nodes = try yaml.list(list, "a list of classifiers")
        guard !nodes.isEmpty else { throw yaml.error("expected at least one classifier", at: list) }
        return try nodes.map { item in
          let classifier: RobustnessExperiment.Classifier = try SuiteFile.choice(
            item, "classifier", yaml)
          guard known.insert(classifier).inserted else {
            throw yaml.error("\(classifier.rawValue) is listed twice", at: item)
          }
          return classifier
        }
      } ?? [.zeroShot]
    if let alphas = fields["alphas"], !classifiers.contains(.ensemble) {
      throw yaml.error("no classifier is an ensemble: alphas have no use", at: alphas)
    }
    alphas = try fields["alphas"].map { try Self.alphas($0, yaml) } ?? Self.defaultAlphas
    baselines = try fields["baselines"].flatMap { try Self.baselines($0, folder, yaml) }
    scale = try fields["scale"].map { try SuiteFile.choice($0, "scale", yaml) } ?? .logit
    leavesOutUnmatched =
      try fields["unmatched"].map { node in
        let written = try yaml.text(node, "leave-out")
        guard written == "leave-out" else {
          throw yaml.error("expected leave-out, found \"\(written)\"", at: node)
        }
        return true
      } ?? false
    place = yaml.place(of: node)
  }

  private static func baselines(
    _ node: Node, _ folder: URL, _ yaml: YAMLReader
  ) throws -> Baselines? {
    let names = ["none"] + Baselines.shippedNames.map(\.name)
    let expected = "\(names.joined(separator: ", ")) or the path of a CSV file"
    let written = try yaml.text(node, expected)
    if written == "none" { return nil }
    if let known = Baselines.shippedNames.first(where: { $0.name == written }) {
      return .shipped(known.table)
    }
    guard written.lowercased().hasSuffix(".csv") else {
      throw yaml.error(
        "expected \(expected), found \"\(written)\"", at: node,
        remedy: NearMiss.hint(for: written, among: names))
    }
    return .file(URL(filePath: written, relativeTo: folder).standardizedFileURL.path)
  }

  private static func alphas(_ node: Node, _ yaml: YAMLReader) throws -> [Double] {
    let nodes = try yaml.list(node, "a list of numbers from 0 to 1")
    guard !nodes.isEmpty else { throw yaml.error("expected at least one alpha", at: node) }
    var seen: Set<Double> = []
    return try nodes.map { item in
      let written = try yaml.text(item, "a number from 0 to 1")
      guard let alpha = Double(written), (0...1).contains(alpha) else {
        throw yaml.error("expected a number from 0 to 1, found \"\(written)\"", at: item)
      }
      guard seen.insert(alpha).inserted else {
        throw yaml.error("\(written) is listed twice", at: item)
      }
      return alpha
    }
  }

  /// The dataset that a name means: a dataset of one's own is called as it is written.
  static func id(_ name: String) -> String {
    (try? DatasetRegistry.adapter(named: name).info.id) ?? name
  }

  var learns: Bool { classifiers.contains(where: \.learns) }

  /// What a dataset is to the others; nil where it has no part.
  func role(of dataset: String) -> Role? {
    let id = Self.id(dataset)
    if id == Self.id(base) { return .base }
    return shifts.contains { Self.id($0) == id } ? .shift : nil
  }

  enum Role {
    case base
    case shift
  }

  /// Whether the entry's class names and templates are a part of a classifier.
  func takesPrompts(_ role: Role) -> Bool {
    switch role {
    case .base: classifiers.contains(where: \.takesPrompts)
    case .shift: classifiers.contains(.classShift)
    }
  }
}
