import Core
import Foundation

/// Lists with one caption a row: the official token files of Flickr8k and Flickr30k, and tables with a header.
enum CaptionTables {
  /// `1000092795.jpg#0<tab>Two young guys …`: an image, the caption's number, the caption.
  static func tokenFile(_ url: URL) throws -> CaptionListing {
    var listing = CaptionListing(layout: "flickr-token")
    var seen: Set<Substring> = []
    for (line, text) in try numberedLines(url) {
      let place = "\(url.path):\(line)"
      guard let tab = text.utf8.firstIndex(of: UInt8(ascii: "\t")),
        let hash = text[..<tab].utf8.lastIndex(of: UInt8(ascii: "#")),
        Int(text[text.utf8.index(after: hash)..<tab]) != nil
      else {
        throw EvalError(
          .malformedData, "expected `image.jpg#number<tab>caption`, found `\(text.prefix(80))`",
          subject: place)
      }
      guard seen.insert(text[..<tab]).inserted else {
        throw EvalError(.malformedData, "`\(text[..<tab])` is listed twice", subject: place)
      }
      listing.add(
        String(text[text.utf8.index(after: tab)...]), of: String(text[..<hash]), at: place)
    }
    return listing
  }

  /// Kaggle's copy of the token file: `1000092795.jpg| 0| Two young guys …` below a header. In the copy that circulates one line lacks
  /// the second bar.
  static func pipedFile(_ url: URL) throws -> CaptionListing {
    var listing = CaptionListing(layout: "flickr-csv")
    let lines = try numberedLines(url)
    guard let header = lines.first, header.text.lowercased().hasPrefix("image_name|") else {
      throw EvalError(
        .malformedData, "expected the columns image_name| comment_number| comment",
        subject: "\(url.path):1")
    }
    var seen: Set<String> = []
    for (line, text) in lines.dropFirst() {
      let place = "\(url.path):\(line)"
      guard let match = text.wholeMatch(of: /([^|]+?)\s*\|\s*([0-9]+)(?:\s*\||\s)\s*(.*)/) else {
        throw EvalError(
          .malformedData, "expected `image.jpg| number| caption`, found `\(text.prefix(80))`",
          subject: place)
      }
      let (image, number) = (String(match.1), String(match.2))
      guard seen.insert("\(image)#\(number)").inserted else {
        throw EvalError(
          .malformedData, "`\(image)| \(number)` is listed twice", subject: place)
      }
      listing.add(String(match.3), of: image, at: place)
    }
    return listing
  }

  /// CLIP_benchmark's `image,caption` of one of Karpathy's splits: the caption is all that follows `.jpg,`, commas included, whether it
  /// stands in quotes or not.
  static func karpathyLines(_ url: URL) throws -> CaptionListing {
    var listing = CaptionListing(layout: "karpathy-lines")
    let lines = try numberedLines(url)
    guard let header = lines.first, header.text.lowercased() == "image,caption" else {
      throw EvalError(
        .malformedData, "expected the header image,caption", subject: "\(url.path):1")
    }
    for (line, text) in lines.dropFirst() {
      let place = "\(url.path):\(line)"
      guard let end = text.firstRange(of: ".jpg,") else {
        throw EvalError(
          .malformedData, "expected `image.jpg,caption`, found `\(text.prefix(80))`",
          subject: place)
      }
      var caption = text[end.upperBound...]
      if caption.count > 1, caption.first == "\"", caption.last == "\"" {
        caption = caption.dropFirst().dropLast()
        caption = caption.replacing("\"\"", with: "\"")
      }
      listing.add(String(caption), of: String(text[..<end.lowerBound]) + ".jpg", at: place)
    }
    return listing
  }

  static let captionColumns = ["caption", "text", "title", "comment"]

  /// A table with an image and a caption a row and, where it has several, the row's split.
  struct Table {
    struct Row {
      var line: Int
      var image: String
      var caption: String
      var split: String?
    }
    let url: URL
    var rows: [Row]

    init(_ url: URL) throws {
      self.url = url
      let lines = try DelimitedText(parsing: readFile(url), subject: url.path).rows
      let header = lines.first?.fields.map {
        $0.trimmingCharacters(in: .whitespaces).lowercased()
      }
      func column(_ names: [String]) -> Int? {
        names.lazy.compactMap { header?.firstIndex(of: $0) }.first
      }
      guard let header, let image = column(FileList.imageColumns),
        let caption = column(captionColumns)
      else {
        throw EvalError(
          .malformedData,
          "expected a header with an image column (\(FileList.imageColumns.joined(separator: ", "))) and a "
            + "caption column (\(captionColumns.joined(separator: ", "))), found `\(header?.joined(separator: ",") ?? "")`",
          subject: "\(url.path):\(lines.first?.line ?? 1)")
      }
      let split = column(["split"])
      rows = try lines.dropFirst().map { row in
        guard row.fields.count == header.count else {
          throw EvalError(
            .malformedData, "expected \(header.count) fields, found \(row.fields.count)",
            subject: "\(url.path):\(row.line)",
            remedy: "A caption with the separator in it stands in double quotes.")
        }
        return Row(
          line: row.line, image: row.fields[image], caption: row.fields[caption],
          split: split.map { row.fields[$0] })
      }
    }

    /// What stands in the split column, and `all`.
    var splits: [String] {
      Set(rows.compactMap(\.split)).subtracting(["all"]).sorted(by: bytewise) + ["all"]
    }

    /// - Returns: nil when no row belongs to the split.
    func listing(split: String) -> CaptionListing? {
      var listing = CaptionListing(layout: "captions-csv")
      for row in rows where split == "all" || row.split == split {
        listing.add(row.caption, of: row.image, at: "\(url.path):\(row.line)")
      }
      return listing.images.isEmpty ? nil : listing
    }
  }
}
