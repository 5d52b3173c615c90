import Core
import Experiments
import Probes
import Prompts

/// Templates selected on some images and scored on others.
extension PromptRun {
  func selection(
    _ from: PromptTexts, base: PromptTexts, _ split: ProbeSplit, _ samples: PromptSamples,
    notes: inout [String]
  ) throws -> (PromptStudy.Selected, [ResultRow], ProbeSplit?)? {
    guard let on = settings.selectOn else { return nil }
    var scored = Array(samples.ids.indices)
    let selecting: PromptSamples
    var other: ProbeSplit?
    if settings.selectionSplit == nil {
      guard let halves = try self.halves(split, samples) else {
        notes.append("There are too few images to select templates on one half of them.")
        return nil
      }
      if halves.unscoredClasses > 0 {
        notes.append(
          "\(counted(halves.unscoredClasses, "class has", "classes have")) a single image, which is selected on: the other half has no image of \(halves.unscoredClasses == 1 ? "it" : "them"), and what is scored there is of the other classes."
        )
      }
      selecting = samples.rows(halves.selecting)
      scored = halves.scoring
    } else {
      let train = try read(on).labelled(
        as: split.classes, of: split.name, dataset: task.dataset)
      selecting = try self.samples(of: train)
      guard selecting.count > 0 else {
        throw NoSampleLeft(train.failures, dataset: "\(task.dataset) \(on)")
      }
      other = train
    }
    let scoring = other == nil ? samples.rows(scored) : samples
    let path = try PromptSelection.forward(
      on: scorer(from, selecting), scoring: scorer(from, scoring), size: settings.size)
    guard !path.steps.isEmpty else {
      throw EvalError(
        .taskFailed, "no template has a score to be selected by", subject: task.dataset)
    }
    let chosen = try from.templates.subset(path.templates)
    var record = split.record
    var own = from
    own.templates = chosen
    own.record(.embedding, in: &record)
    record.seed = settings.seed
    record.selection = selectionText(from, on: on, other)
    if other == nil { record.splitHash = splitHash(split, scored) }
    let (rows, answers) = try score(
      scoring, at: scored, of: split, own, templates: path.templates.map { $0 - 1 }, .embedding,
      record, place: Self.selectedPart)
    let main = rows.first { $0.metric == metric.rawValue }
    // The base on the images that the selection is scored on.
    let baseSamples = recorded(
      try said(
        of: scoring, base, templates: base.all, .embedding),
      of: scoring, base)
    let contrasts = try [base, from].uniqued(by: \.templates.reference).map { texts in
      PromptStudy.Selected.Contrast(
        set: texts.templates.reference,
        selected: try scorer(texts, selecting).score(of: texts.all).value,
        scored: try scorer(texts, scoring).score(of: texts.all).value)
    }
    return (
      PromptStudy.Selected(
        set: chosen.reference, on: on, seed: settings.seed, size: settings.size,
        selectedCount: selecting.count, scoredCount: scoring.count, path: path, value: main?.value,
        interval95: main?.interval95,
        difference: try difference(
          baseSamples, answers, unit: scoring.structure.groups?.unit),
        contrasts: contrasts), rows, other
    )
  }

  func halves(_ split: ProbeSplit, _ samples: PromptSamples) throws -> PromptHalves? {
    var labels: [Int]?
    if case .single(let own) = samples.labels { labels = own }
    return try PromptHalves(
      ids: samples.ids, labels: labels, classIDs: split.classes.map(\.id),
      structure: samples.structure, seed: UInt64(settings.seed ?? 1),
      subject: "\(task.dataset) \(split.name)")
  }

  /// All that decides which templates were selected, and what they are scored on.
  func selectionText(_ from: PromptTexts, on: String, _ other: ProbeSplit?) -> String {
    var parts = [
      "greedy-forward from=\(from.templates.reference)",
      "hash=\(from.templates.templatesHash?.hex.prefix(12) ?? "none")",
      "metric=\(metric.rawValue)", "size=\(settings.size.map { "at-most-\($0)" } ?? "any")",
    ]
    if let other {
      parts.append("on=\(on)")
      if let hash = other.splitHash { parts.append("onHash=\(hash.hex.prefix(12))") }
      parts.append("scored=all")
    } else {
      parts += [
        "on=half", "scored=other-half",
        "draw=\(ClassStrata.generator.split(separator: " ").joined(separator: "+"))",
      ]
    }
    return parts.joined(separator: " ")
  }

  /// Over the ordered lines `id \0 class id` of some of the samples; of several classes the ids alone.
  func splitHash(_ split: ProbeSplit, _ rows: [Int]) -> SHA256Digest {
    guard case .single(let labels) = split.labels else {
      return SHA256.hash(rows.map { "\(split.ids[$0])\n" }.joined())
    }
    return SHA256.hash(
      rows.map { "\(split.ids[$0])\0\(split.classes[labels[$0]].id)\n" }.joined())
  }
}

extension PromptSet {
  /// Some of the templates, in the order of the set: `CIFAR10/openai-2021[2+5]`, which cannot be taken for one template.
  /// - Parameter numbers: from 1, rising.
  func subset(_ numbers: [Int]) throws -> PromptSet {
    try PromptSet(
      dataset: dataset, name: "\(name)[\(numbers.map(String.init).joined(separator: "+"))]",
      version: version, source: source, classes: [],
      templates: numbers.map { templates[$0 - 1] })
  }
}
