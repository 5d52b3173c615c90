import Core
import Foundation
import Imaging

extension ContainerLayouts {
  /// CLIP_benchmark's `<split>/*.tar` below `base`, with `classnames.txt` beside the split; or shards in `base` itself, which
  /// have no splits, for `all`. Nil without shards, or where their classes are another dataset's.
  func webDataset(_ base: URL) throws -> IndexDraft? {
    for split in splits {
      let folder = split == "all" ? base : base.appending(path: split)
      let names = try WebDataset.shards(in: folder)
      guard !names.isEmpty else { continue }
      let lead = split == "all" ? "" : split + "/"
      return try draft(names.map { lead + $0 }, base: base, folder: folder)
    }
    return nil
  }

  /// - Parameter shards: paths below `base`, all in `folder`.
  func draft(_ shards: [String], base: URL, folder: URL) throws -> IndexDraft? {
    try checkKind(base)
    let classes: ContainerClasses?
    let list = [base, folder].map { $0.appending(path: "classnames.txt") }.first(where: isFile)
    if dataset.task == .captions {
      guard isNamed else { return nil }
      classes = nil
    } else if let list {
      guard let joined = try self.classes(Self.classNames(list), file: list.path) else {
        return nil
      }
      classes = joined
    } else if dataset.id == "ImageNet", let canonical {
      classes = ContainerClasses(
        own: canonical,
        note: "no classnames.txt: labels are taken for positions among the sorted WordNet ids")
    } else {
      guard isNamed else { return nil }
      throw EvalError(
        .notFound, "expected classnames.txt, one class name a line: labels are numbers",
        subject: base.path)
    }
    var draft = IndexDraft(
      layout: "webdataset", classes: classes?.classes ?? [DatasetClass(id: "", name: "")])
    draft.notes = classes?.notes ?? []
    if dataset.task == .multiLabel {
      draft.multiLabels = LabelMatrix(classCount: draft.classes.count)
    }
    var captions: [Caption] = []
    var counts: [String: Int] = [:]
    for shard in shards {
      let before = draft.samples.count
      try read(shard, base: base, classes: classes, into: &draft, captions: &captions)
      let file = shard.split(separator: "/").last.map(String.init) ?? shard
      counts[file] = draft.samples.count - before
    }
    if dataset.task == .captions {
      let set = CaptionSet(captions)
      draft.captions = set
      let each = set.counts(samples: draft.samples.count)
      var note = "\(captions.count) captions, \(each.min() ?? 0) to \(each.max() ?? 0) an image"
      if set.repeatedCount > 0 { note += "; \(set.repeatedCount) repeat another's text" }
      draft.notes.append(note)
    }
    draft.notes += try Self.countNotes(folder, counts: counts)
    return draft
  }

  private func read(
    _ path: String, base: URL, classes: ContainerClasses?, into draft: inout IndexDraft,
    captions: inout [Caption]
  ) throws {
    let shard = base.appending(path: path)
    let records = try WebDataset.records(shard, name: path, ignored: &draft.ignored)
    let reader = try WebDatasetLabels(shard)
    var table = SampleTable.Draft(.archive(shard))
    var labels: [Int] = []
    for record in records {
      switch dataset.task {
      case .classification:
        labels.append(
          try reader.label(
            of: record, number: { classes?.label($0) }, name: { classes?.label(named: $0) }))
      case .multiLabel:
        labels.append(DatasetSample.noLabel)
        let count = classes?.count ?? 0
        var row = [LabelMatrix.Label](repeating: .negative, count: draft.classes.count)
        for (number, label) in try reader.row(of: record, classCount: count).enumerated() {
          if let index = classes?.label(number) { row[index] = label }
        }
        draft.multiLabels?.append(row)
      case .captions:
        labels.append(0)
        let sample = draft.samples.count + table.count
        captions += try reader.captions(of: record).map { Caption(text: $0, sample: sample) }
      case .composition:
        throw EvalError(
          .malformedData, "shards of images do not say which captions are asked about",
          subject: shard.path)
      }
      table.append(
        lead: "\(path)#".utf8, name: record.image.name.utf8, size: record.image.count,
        offset: record.image.offset)
    }
    draft.samples += table.samples(labels: labels)
  }

  /// That the container says of itself what the dataset is.
  private func checkKind(_ base: URL) throws {
    let file = base.appending(path: "dataset_type.txt")
    guard isFile(file), let kind = try numberedLines(file).first?.text.lowercased() else { return }
    let known: [String: DatasetTask] = [
      "retrieval": .captions, "multilabel": .multiLabel, "classification": .classification,
    ]
    guard let task = known[kind] else {
      throw EvalError(
        .malformedData, "expected retrieval, multilabel or classification, found `\(kind)`",
        subject: file.path)
    }
    guard task == dataset.task else {
      throw EvalError(
        .malformedData,
        "the shards are for \(task.rawValue), \(dataset.id) is for \(dataset.task.rawValue)",
        subject: file.path)
    }
  }

  /// What is stated of the shards and is not so.
  /// - Parameter counts: images of each shard.
  private static func countNotes(_ folder: URL, counts: [String: Int]) throws -> [String] {
    var notes: [String] = []
    let list = folder.appending(path: "nshards.txt")
    if isFile(list) {
      let text = try numberedLines(list).first?.text ?? ""
      guard let stated = Int(text) else {
        throw EvalError(
          .malformedData, "expected the number of shards, found `\(text)`", subject: list.path)
      }
      if stated != counts.count {
        let absent = (0..<max(0, min(stated, 1_000_000))).filter { counts["\($0).tar"] == nil }
        notes.append(
          "nshards.txt says \(stated) shards, found \(counts.count)"
            + (absent.isEmpty
              ? "" : "; absent: " + absent.prefix(5).map { "\($0).tar" }.joined(separator: ", ")))
      }
    }
    let sizes = folder.appending(path: "sizes.json")
    if isFile(sizes) {
      let stated: [String: Int]
      do {
        stated = try JSONDecoder().decode([String: Int].self, from: readFile(sizes))
      } catch let error as DecodingError {
        throw EvalError(
          .malformedData, "expected an object from shard to number of samples: \(error.place)",
          subject: sizes.path)
      }
      for (name, count) in stated.sorted(by: { bytewise($0.key, $1.key) })
      where counts[name] != count {
        notes.append(
          "sizes.json says \(count) samples in \(name), found "
            + (counts[name].map { String($0) } ?? "no such shard"))
      }
    }
    return notes
  }
}
