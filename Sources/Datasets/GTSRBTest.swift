import Core
import Foundation

/// A table of GTSRB's images: `Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId`, or Kaggle's, with commas and `Path` for
/// `Filename`.
struct GTSRBTable {
  struct Row {
    var file: String
    /// Class index.
    var label: Int
    var place: String
  }

  var rows: [Row] = []

  /// - Throws: `EvalError.malformedData` with the line; for a table without classes too.
  init(_ url: URL) throws {
    let rows = try DelimitedText(parsing: readFile(url), subject: url.path).rows
    let header = rows.first?.fields.map { $0.trimmingCharacters(in: .whitespaces) } ?? []
    guard let file = header.firstIndex(of: "Filename") ?? header.firstIndex(of: "Path") else {
      throw EvalError(
        .malformedData, "expected a header with the column Filename or Path",
        subject: "\(url.path):1")
    }
    guard let owner = header.firstIndex(of: "ClassId") else {
      throw EvalError(
        .malformedData, "this table has no column ClassId, so it does not say what the images show",
        subject: "\(url.path):1",
        remedy: "The labels of the test images are GT-final_test.csv in GTSRB_Final_Test_GT.zip.")
    }
    for row in rows.dropFirst() {
      let place = "\(url.path):\(row.line)"
      guard row.fields.count > max(file, owner) else {
        throw EvalError(
          .malformedData, "expected \(header.count) fields, found \(row.fields.count)",
          subject: place)
      }
      let text = row.fields[owner].trimmingCharacters(in: .whitespaces)
      guard let number = ClassFolders.nonNegativeInteger(text), number < 43, !text.isEmpty else {
        throw EvalError(
          .malformedData, "expected a ClassId 0…42, found `\(text)`", subject: place)
      }
      self.rows.append(
        Row(
          file: row.fields[file].trimmingCharacters(in: .whitespaces), label: number, place: place))
    }
    guard !self.rows.isEmpty else {
      throw EvalError(.malformedData, "the table holds no images", subject: url.path)
    }
  }
}

/// The test images of GTSRB, whose labels come apart from them.
struct GTSRBTest {
  let base: URL

  private static let imageFolders = ["Final_Test/Images", "Test", "test"]
  /// Shipped beside the images, without classes.
  private static let unlabelled = "GT-final_test.test.csv"

  func draft() throws -> IndexDraft? {
    guard let folder = Self.imageFolders.first(where: { isFolder(base.appending(path: $0)) })
    else { return nil }
    let images = base.appending(path: folder)
    // torchvision unpacks the table into the folder above GTSRB.
    let places = [
      base, base.deletingLastPathComponent(), images, images.deletingLastPathComponent(),
    ]
    let tables =
      places.map { $0.appending(path: "GT-final_test.csv") }
      + ["Test.csv", "test.csv"].map { base.appending(path: $0) }
    guard let url = tables.first(where: isFile) else {
      let shipped = images.appending(path: Self.unlabelled)
      if isFile(shipped) { _ = try GTSRBTable(shipped) }
      return nil
    }
    var files = ListedFiles(base: base)
    for row in try GTSRBTable(url).rows {
      // Kaggle's paths begin at the data folder.
      let name = row.file.split(separator: "/").last.map(String.init) ?? row.file
      try files.add("\(folder)/\(name)", label: row.label, at: row.place)
    }
    var draft = IndexDraft(
      layout: folder == Self.imageFolders[0] ? "gtsrb-final-test" : "kaggle",
      classes: GTSRB.table.classes)
    draft.samples = files.samples
    try draft.ignoreUnlisted(below: folder, base: base, listed: Set(draft.samples.map(\.id)))
    return draft
  }
}
