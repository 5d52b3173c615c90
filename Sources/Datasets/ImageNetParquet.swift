import Core
import Foundation
import TensorFiles

/// ImageNet as the Hugging Face hub has it (`data/validation-00000-of-00014.parquet`) and copies in that form.
/// Labels count the sorted WordNet ids.
enum ImageNetParquet {
  /// Nil when the folder has no Parquet files of the split.
  static func draft(base: URL, split: String) throws -> IndexDraft? {
    // CLIP_benchmark's copies call the validation images `test`; the true test split has no labels, and says so.
    let spelled = ["train": ["train"], "val": ["val", "validation", "test"]][split] ?? []
    guard let shards = try ParquetShards.find(in: base, split: spelled) else { return nil }
    var draft = IndexDraft(layout: "parquet", classes: ImageNetClasses.all)
    draft.notes = shards.notes
    let cache = ParquetPageCache()
    var hasNames = true
    for file in shards.names {
      let table = try ParquetTable(contentsOf: base.appending(path: file), cache: cache)
      let indices = try indices(of: table)
      hasNames = hasNames && table.classNames != nil
      try table.addSamples(named: file, to: &draft) {
        indices.indices.contains($0) ? indices[$0] : nil
      }
    }
    if !hasNames {
      draft.notes.append(
        "the files name no classes: labels are taken for positions among the sorted WordNet ids")
    }
    return draft
  }

  /// Class index of each label.
  private static func indices(of table: ParquetTable) throws -> [Int] {
    let all = Array(ImageNetClasses.all.indices)
    guard let names = table.classNames else { return all }
    func fail(_ message: String) -> EvalError {
      EvalError(
        .malformedData, message, subject: table.images.url.path,
        remedy: "Another dataset in Parquet is read by the generic dataset `parquet`.")
    }
    guard names.count == all.count else {
      throw fail("expected the 1000 classes of ImageNet, found \(names.count) in the metadata")
    }
    let wnids = names.compactMap { ImageNetClasses.indices[$0] }
    if wnids.count == all.count, Set(wnids).count == all.count { return wnids }
    // WordNet's names ("tench, Tinca tinca") and OpenAI's agree for most classes in the right order, and for
    // hardly any in another one.
    let agreeing = zip(names, ImageNetClasses.all).count { name, known in
      name.split(separator: ",").contains { normalized($0) == normalized(known.name) }
    }
    guard agreeing >= all.count / 4 else {
      throw fail(
        "the class names in the metadata are not ImageNet's in the order of WordNet ids (\(agreeing) of 1000 agree)"
      )
    }
    return all
  }

  private static func normalized(_ name: some StringProtocol) -> String {
    String(name.lowercased().filter { $0.isLetter || $0.isNumber })
  }
}
