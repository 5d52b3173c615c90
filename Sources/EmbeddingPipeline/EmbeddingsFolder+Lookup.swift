package import Core
package import Datasets
package import EmbeddingStore
import Foundation

extension EmbeddingsFolder {
  /// Where a dataset's split lies: by the dataset's id or an alias, and the split's name or an alias, whatever the case.
  /// - Throws: `EvalError.notFound` saying what there is instead.
  package func source(of info: DatasetInfo, split: SplitInfo) throws(EvalError) -> FeatureSource {
    guard let dataset = dataset(info) else {
      let names = datasets.map(\.name)
      throw EvalError(
        .notFound, "no features of \(info.id); there are \(names.joined(separator: ", "))",
        subject: url.path, remedy: NearMiss.hint(for: info.id, among: names))
    }
    let wanted = [split.name.lowercased()] + split.aliases
    guard let found = dataset.splits.first(where: { wanted.contains($0.name.lowercased()) }) else {
      let known = dataset.splits.map(\.name)
      throw EvalError(
        .notFound,
        "no features of the split \(split.name) of \(info.id); there are \(known.isEmpty ? "none" : known.joined(separator: ", "))",
        subject: url.path)
    }
    return found.source
  }

  /// That the manifest names datasets of the program, or a suite's own.
  /// - Throws: `EvalError.malformedData` with line and column of another.
  package func checkNames(ownDatasets: Set<String>) throws {
    let own = Set(ownDatasets.map { $0.lowercased() })
    for (name, dataset) in manifest.datasets.sorted(by: { $0.key < $1.key })
    where !own.contains(name.lowercased()) {
      do {
        _ = try DatasetRegistry.adapter(named: name)
      } catch let error as EvalError {
        throw EvalError(
          .malformedData, "\(error.message), and no suite of this run has one of its own",
          subject: dataset.place, remedy: error.remedy)
      }
    }
  }

  package func dataset(_ info: DatasetInfo) -> Dataset? {
    let wanted = [info.id.lowercased()] + info.aliases
    return datasets.first { wanted.contains($0.name.lowercased()) }
  }

  /// What made a table's features, as the manifest and the file itself say.
  /// - Throws: `EvalError.malformedData` where the two contradict each other, or the features contradict them.
  package func provenance(of table: FeatureTable) throws(EvalError) -> FeatureProvenance {
    let file = table.metadata
    let place = table.parts.first?.file.path
    func agreed<Value: Equatable>(
      _ key: String, _ said: Value?, _ recorded: Value?
    ) throws(EvalError) -> Value? {
      if let said, let recorded, said != recorded {
        throw EvalError(
          .malformedData,
          "the manifest says \(key) \(said), the file was made with \(recorded)", subject: place)
      }
      return said ?? recorded
    }
    let said = manifest.provenance
    var result = FeatureProvenance()
    result.model = said.model ?? file["model"]
    result.featureKind = try agreed("featureKind", said.featureKind, file["feature"])
    result.isNormalized = try agreed(
      "normalized", said.isNormalized, file["normalized"].flatMap { Bool($0) })
    result.preprocessing = try agreed(
      "preprocessing", said.preprocessing, file["preprocessing"])
    result.precision = try agreed("precision", said.precision, file["precision"])
    result.activation = try agreed("activation", said.activation, file["activation"])
    result.logitScale = try agreed(
      "logitScale", said.logitScale,
      file["logitScale"].flatMap { Float($0) }.flatMap { $0.isFinite && $0 > 0 ? $0 : nil })
    // Half precision alone moves a length of 1 by less than 1e-3, bfloat16 by less than 1e-2.
    if result.isNormalized == true, table.norms.lowerBound < 0.98 || table.norms.upperBound > 1.02 {
      throw EvalError(
        .malformedData,
        "the features are said to be of length 1; their lengths are \(table.norms.lowerBound) to \(table.norms.upperBound)",
        subject: place)
    }
    return result
  }

  /// What the manifest says of the words behind `classes.*`.
  package var classifierWords: (classNames: String?, templates: String?) {
    (manifest.classNames, manifest.templates)
  }
}
