import Core
package import Foundation
import TensorFiles

/// IIIT5K-Words (Mishra et al. 2012): pictures of single words, each with lists of its own that the word is to be found in: 50 words, or
/// 1000, as in the paper's Table 14.
///
/// Classes are the words of all lists of a split; what an image may be is in `DatasetIndex.candidates`.
package struct IIIT5K: DatasetAdapter {
  package enum Lexicon: String, Sendable, CaseIterable {
    case large = "1k"
    case small = "50"

    /// The field of the MATLAB file.
    var field: String { self == .large ? "mediumLexi" : "smallLexi" }
    var wordCount: Int { self == .large ? 1000 : 50 }
  }

  private let lexicon: Lexicon

  package init(lexicon: Lexicon = .large) { self.lexicon = lexicon }

  package let info = DatasetInfo(
    id: "IIIT5K", aliases: ["iiit5k-words", "iiit5k_words"], title: "IIIT 5K-Words",
    metric: "accuracy", classCount: nil,
    splits: [
      SplitInfo(name: "train", variants: [SplitVariant("official", count: 2000)]),
      SplitInfo(name: "test", variants: [SplitVariant("official", count: 3000)]),
    ], defaultSplit: "test")

  package let options = [
    DatasetOption(
      "lexicon", default: Lexicon.large.rawValue, of: Lexicon.allCases.map(\.rawValue),
      meaning: "How many words each image's own list has.")
  ]

  package func choosing(_ choices: [String: String]) throws -> any DatasetAdapter {
    IIIT5K(lexicon: choices["lexicon"].flatMap(Lexicon.init) ?? .large)
  }

  private static let folders = [
    "IIIT5K", "iiit5k", "IIIT5K-Word_V3.0/IIIT5K", "iiit5k/IIIT5K", "IIIT5K-Word_V3.0",
  ]

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    try search(
      root, split: name, folders: Self.folders,
      wanted: { ["\($0.name)data.mat with \($0.name)/*.png"] },
      read: { base, split in
        let url = base.appending(path: "\(split.name)data.mat")
        return isFile(url) ? try draft(url, base: base, split: split.name) : nil
      })
  }

  private func draft(_ url: URL, base: URL, split: String) throws -> IndexDraft {
    let rows = try readMatStruct(
      "\(split)data", fields: ["ImgName", "GroundTruth", lexicon.field], from: url)
    var words = WordNumbers()
    var files = ListedFiles(base: base)
    var lists: [[Int]] = []
    var (odd, absent) = (0, 0)
    for (number, row) in rows.enumerated() {
      let place = "\(url.path), \(split)data(\(number + 1))"
      guard let path = row["ImgName"]?.text, let truth = row["GroundTruth"]?.text, !truth.isEmpty,
        let list = row[lexicon.field]?.texts
      else {
        throw EvalError(
          .malformedData,
          "expected ImgName and GroundTruth as texts and \(lexicon.field) as a cell array of texts",
          subject: place)
      }
      let candidates = list.filter { !$0.isEmpty }.map { words.number(of: $0) }
      guard !candidates.isEmpty else {
        throw EvalError(.malformedData, "\(lexicon.field) has no word", subject: place)
      }
      if Set(candidates).count != lexicon.wordCount { odd += 1 }
      // The lists spell some words in other case than the truth does.
      let label = words.number(ofTruth: truth, among: list)
      if !candidates.contains(label) { absent += 1 }
      try files.add(path, label: label, at: place)
      lists.append(candidates)
    }
    let order = words.order
    var draft = IndexDraft(
      layout: "iiit5k", classes: words.sorted.map { DatasetClass(id: $0, name: $0) })
    draft.samples = files.samples.map { sample in
      var sample = sample
      sample.label = order[sample.label]
      return sample
    }
    var candidates = CandidateLists()
    for list in lists { candidates.append(list.map { order[$0] }) }
    draft.candidates = candidates
    draft.ignored = try unlisted(split, base: base, known: Set(files.samples.map(\.id)))
    if odd > 0 {
      draft.notes.append(
        counted(odd, "list does", "lists do") + " not have \(lexicon.wordCount) different words")
    }
    if absent > 0 {
      draft.notes.append(
        counted(absent, "image shows", "images show")
          + " a word that is not in the image's list: no answer can be right")
    }
    return draft
  }

  private func unlisted(_ split: String, base: URL, known: Set<String>) throws -> [String] {
    let folder = base.appending(path: split)
    guard isFolder(folder) else { return [] }
    return try listFolder(folder.path).entries.map { "\(split)/\($0.name)" }
      .filter { !known.contains($0) }
  }
}

/// Distinct words, numbered as they come; by their bytes, since Swift takes other code points of one text for the same.
private struct WordNumbers {
  private var numbers: [[UInt8]: Int] = [:]
  private var words: [String] = []

  mutating func number(of word: String) -> Int {
    let key = Array(word.utf8)
    if let number = numbers[key] { return number }
    numbers[key] = words.count
    words.append(word)
    return words.count - 1
  }

  /// The word of the list that the truth is; the truth's own number where the list has none.
  mutating func number(ofTruth truth: String, among list: [String]) -> Int {
    if list.contains(truth) { return number(of: truth) }
    let folded = truth.lowercased()
    return number(of: list.first { $0.lowercased() == folded } ?? truth)
  }

  var sorted: [String] { words.sorted(by: bytewise) }

  /// The place of each number in `sorted`.
  var order: [Int] {
    var order = [Int](repeating: 0, count: words.count)
    let ranked = words.indices.sorted { bytewise(words[$0], words[$1]) }
    for (place, number) in ranked.enumerated() { order[number] = place }
    return order
  }
}
