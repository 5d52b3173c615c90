import Datasets
import Experiments
import Reporting
import Statistics

/// Against models of others, and from ImageNet to other datasets.
extension PaperFigures {
  // MARK: Figures 5 and 11

  var againstResNet: Part? {
    published.flatMap { published in
      differences(
        zeroShot, to: published.probe("ResNet", "50"), ownPublished: published.zeroShot,
        "Zero-shot against a supervised ResNet-50", name: "zero-shot-minus-resnet-50-probe",
        title: "Zero-shot less a linear probe on ResNet-50",
        axis: "zero-shot − ResNet-50's probe")
    }
  }

  var againstNoisyStudent: Part? {
    published.flatMap { published in
      differences(
        linear, to: published.probe("EfficientNet Noisy Student", "L2-800"),
        ownPublished: published.clipProbes,
        "Linear probes against Noisy Student EfficientNet-L2",
        name: "probe-minus-noisy-student-probe",
        title: "Linear probe less that on Noisy Student EfficientNet-L2-800",
        axis: "probe − Noisy Student EfficientNet-L2-800's probe")
    }
  }

  /// A figure for each model that has enough datasets.
  /// - Parameters:
  ///   - other: nil where nothing is published of it.
  ///   - ownPublished: the paper's own scores of the models.
  private func differences(
    _ table: ScoreTable, to other: PublishedScores?, ownPublished: [PublishedScores],
    _ section: String, name: String, title: String, axis: String
  ) -> Part? {
    guard let other else { return nil }
    let figures = table.models.compactMap { model in
      difference(
        model, table, to: other,
        ownPublished: ownPublished.first { $0.model == ownNames[model] },
        name: "\(name)-\(model)", title: "\(title): \(model)", axis: axis)
    }
    return figures.isEmpty ? nil : Part(title: section, figures: figures)
  }

  /// On every dataset of the model that the other's published scores have.
  private func difference(
    _ model: String, _ table: ScoreTable, to other: PublishedScores,
    ownPublished: PublishedScores?, name: String, title: String, axis: String
  ) -> Figure? {
    let source = published?.probeSource ?? ""
    let datasets = table.datasets.compactMap { dataset -> DifferenceFigure.Dataset? in
      guard let row = table.row(model, dataset), let value = row.value,
        let theirs = other.scores[dataset]
      else { return nil }
      let interval = row.interval95.map { own in
        Verdict.differenceInterval(
          value, own,
          PublishedFigure(
            reference: .init(source: source, model: other.model, value: theirs),
            usesSameImages: false, sampleCount: PaperSizes.table9[dataset]?.test))
      }
      return .init(
        dataset, difference: value - theirs, interval: interval,
        published: ownPublished?.scores[dataset].map { $0 - theirs })
    }
    guard datasets.count >= Self.fewestDatasets else { return nil }
    let names = datasets.map(\.name)
    return DifferenceFigure(
      name: name, title: title, difference: axis, datasets: datasets,
      publishedSource: "the paper's own \(ownNames[model] ?? model), from its tables",
      remarks: [
        "The other side: \(source).",
        "Whiskers: 95 % interval of the difference, made of this run's interval and a binomial one of the published number at the paper's test size; for scores that are no shares of right answers the latter is an approximation.",
      ] + Self.partialRemark(table, [model], names)
    ).figure
  }

  // MARK: Figure 12

  var transfer: Part? {
    let models = linear.models.filter { linear.value($0, PaperDatasets.imageNet) != nil }
    let all = linear.common(to: models).filter { $0 != PaperDatasets.imageNet }
    let twelve = all.filter(PaperDatasets.kornblith.contains)
    let figures = [(twelve, "kornblith"), (all, "all")].compactMap { datasets, name -> Figure? in
      guard datasets.count >= Self.fewestDatasets, !models.isEmpty,
        name == "all" || twelve.count < all.count
      else { return nil }
      let points = models.compactMap { model -> TransferFigure.Point? in
        guard let x = linear.value(model, PaperDatasets.imageNet),
          let y = linear.mean(model, datasets)
        else { return nil }
        return .init(model: model, imageNet: x, transfer: y)
      }
      return TransferFigure(
        name: "transfer-\(name)", datasets: Self.text(datasets), points: points,
        publishedCLIP: Self.transfer(published?.clipProbes ?? [], datasets),
        publishedOthers: Self.transfer(published?.otherProbes ?? [], datasets),
        publishedSource: published?.probeSource,
        remarks: Self.partialRemark(linear, models, datasets + [PaperDatasets.imageNet])
      ).figure
    }
    guard !figures.isEmpty else { return nil }
    return Part(title: "Transfer of linear probes", figures: figures)
  }

  private static func transfer(
    _ models: [PublishedScores], _ datasets: [String]
  ) -> [TransferFigure.Point] {
    models.compactMap { model in
      guard let x = model.scores[PaperDatasets.imageNet], let y = model.mean(datasets) else {
        return nil
      }
      return .init(
        model: [model.family, model.model].joined(separator: " "), imageNet: x, transfer: y)
    }
  }
}
