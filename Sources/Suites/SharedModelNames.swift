import Core
import Experiments

/// Models of several runs that are called alike and are not the same: of other weights or features, or at other settings. In one run that is refused; a report
/// over several gives them names of their own.
struct SharedModelNames {
  /// What tells models of one name apart.
  private struct Identity: Equatable {
    var weights: [String] = []
    var precision: [String] = []
    var activation: [String] = []
    /// Of preprocessing, as the command line changed it for all tasks.
    var settings: [String] = []

    /// For people; what other models of the name have alike is left out.
    func text(among others: [Identity]) -> String {
      func part(_ key: KeyPath<Identity, [String]>, _ word: String) -> String? {
        guard others.contains(where: { $0[keyPath: key] != self[keyPath: key] }),
          !self[keyPath: key].isEmpty
        else { return nil }
        return word + self[keyPath: key].joined(separator: " ")
      }
      return [
        part(\.weights, "weights "), part(\.precision, ""), part(\.activation, ""),
        part(\.settings, ""),
      ].compactMap(\.self).joined(separator: ", ")
    }
  }

  private struct Model {
    var identity: Identity
    /// Hashes of features made elsewhere, by what they are of.
    var features: [[String?]: SHA256Digest] = [:]
    var runs: [Int]

    func isSame(as other: Model) -> Bool {
      identity == other.identity
        && features.allSatisfy { key, hash in other.features[key].map { $0 == hash } ?? true }
    }
  }

  /// Of each run the names in the report of those models that have others.
  private(set) var names: [[String: String]]
  /// For readers of the report.
  private(set) var notes: [String] = []

  init(_ runs: [ReportedRun]) {
    names = runs.map { _ in [:] }
    var models: [(name: String, variants: [Model])] = []
    for (number, run) in runs.enumerated() {
      let rows = run.rows
      for name in rows.map(\.model).uniqued() {
        let model = Self.model(rows.filter { $0.model == name }, run.record.settings, run: number)
        let place = models.firstIndex { $0.name == name } ?? models.count
        if place == models.count { models.append((name, [])) }
        if let same = models[place].variants.firstIndex(where: model.isSame) {
          models[place].variants[same].runs.append(number)
          models[place].variants[same].features.merge(model.features) { first, _ in first }
        } else {
          models[place].variants.append(model)
        }
      }
    }
    for (name, variants) in models where variants.count > 1 {
      var labels = variants.map { $0.identity.text(among: variants.map(\.identity)) }
      if Set(labels).count < labels.count || labels.contains("") {
        labels = variants.map { $0.runs.map { runs[$0].name }.joined(separator: ", ") }
      }
      for (label, variant) in zip(labels, variants) {
        for run in variant.runs { names[run][name] = "\(name) (\(label))" }
      }
      let list = zip(labels, variants).map { label, variant in
        "\(name) (\(label)) of \(variant.runs.map { runs[$0].name }.joined(separator: ", "))"
      }
      notes.append(
        "\(name) is \(variants.count) models here, which differ in weights, features or settings: \(list.joined(separator: "; "))."
      )
    }
  }

  private static func model(
    _ rows: [ResultRow], _ settings: RunRecord.Settings, run: Int
  ) -> Model {
    var model = Model(identity: Identity(), runs: [run])
    model.identity.weights = rows.compactMap { row in
      row.protocol.weightsSHA256.map { String($0.hex.prefix(12)) }
    }.uniqued().sorted()
    model.identity.precision = rows.compactMap(\.protocol.precision).uniqued().sorted()
    model.identity.activation = rows.compactMap(\.protocol.activation).uniqued().sorted()
    // Features made elsewhere are as they are.
    if !model.identity.weights.isEmpty {
      model.identity.settings = [
        settings.recipe.map { "recipe \($0)" }, settings.resize.map { "resize \($0)" },
        settings.crop.map { "crop \($0)" },
      ].compactMap(\.self)
    }
    for row in rows {
      let key = [row.dataset, row.protocol.split, row.protocol.datasetOptions]
      if let hash = row.protocol.featuresSHA256 { model.features[key] = hash }
    }
    return model
  }
}
