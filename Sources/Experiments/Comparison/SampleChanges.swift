/// The samples that two evaluations do not answer alike.
enum SampleChanges {
  /// Those that one side alone got right first, losses before gains; in the order of the samples.
  static func find(_ joined: JoinedSamples) -> [SampleChange] {
    // Of several seeds each has answers of its own.
    guard joined.first.count == 1, let first = joined.first.first, let second = joined.second.first
    else { return [] }
    var changes: [SampleChange.Kind: [SampleChange]] = [:]
    for rows in joined.rows {
      guard let change = change(first, rows[0], second, rows[1]) else { continue }
      changes[change.kind, default: []].append(change)
    }
    return [.lost, .gained, .changed].flatMap { changes[$0] ?? [] }
  }

  private static func change(
    _ first: RecordedSamples, _ row: Int, _ second: RecordedSamples, _ other: Int
  ) -> SampleChange? {
    let (isRight, isOtherRight) = (first.correctness(row), second.correctness(other))
    let kind: SampleChange.Kind
    switch (isRight, isOtherRight) {
    case (true, false): kind = .lost
    case (false, true): kind = .gained
    default:
      guard let answer = answer(first, row), answer != self.answer(second, other) else {
        return nil
      }
      kind = .changed
    }
    var label: String?
    if first.ranks == nil, first.predictions.labels.indices.contains(row),
      first.predictions.labels[row] >= 0
    {
      label = first.className(first.predictions.labels[row])
    }
    return SampleChange(
      id: first.ids[row], fold: first.folds?[row], kind: kind, label: label,
      first: answer(first, row), second: answer(second, other))
  }

  private static func answer(_ samples: RecordedSamples, _ row: Int) -> String? {
    if let ranks = samples.ranks { return "rank \(ranks[row])" }
    guard samples.predictions.prediction.indices.contains(row) else { return nil }
    return samples.className(samples.predictions.prediction[row])
  }
}
