import Datasets
import Experiments
import Reporting
import Statistics

/// Against models of others, and from ImageNet to other datasets.
extension PaperFigures {
  // MARK: Figures 5 and 11

  var againstResNet: Part? {
    guard let published, let other = published.probe("ResNet", "50") else { return nil }
    let figures = zeroShot.models.compactMap { model in
      difference(
        model, zeroShot, to: other,
        ownPublished: published.zeroShot.first { $0.model == ownNames[model] },
        name: "zero-shot-minus-resnet-50-probe-\(model)",
        title: "Zero-shot less a linear probe on ResNet-50: \(model)",
        axis: "zero-shot − ResNet-50's probe")
    }
    guard !figures.isEmpty else { return nil }
    return Part(title: "Zero-shot against a supervised ResNet-50", figures: figures)
  }

  var againstNoisyStudent: Part? {
    guard let published,
      let other = published.probe("EfficientNet Noisy Student", "L2-800")
    else { return nil }
    let figures = linear.models.compactMap { model in
      difference(
        model, linear, to: other,
        ownPublished: published.clipProbes.first { $0.model == ownNames[model] },
        name: "probe-minus-noisy-student-probe-\(model)",
        title: "Linear probe less that on Noisy Student EfficientNet-L2-800: \(model)",
        axis: "probe − Noisy Student EfficientNet-L2-800's probe")
    }
    guard !figures.isEmpty else { return nil }
    return Part(title: "Linear probes against Noisy Student EfficientNet-L2", figures: figures)
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
