import Core
import Foundation
import TensorFiles

/// The publishers' table of a split: `label,youtube_id,time_start,time_end,split`.
enum Kinetics700Table {
  struct Row {
    var label: Int
    var video: String
    /// `0347ZoDXyP0_000095_000105`, as the usual downloader names files.
    var clip: String
    var place: String
  }

  /// Whether the first line names the column that no other table has.
  static func isOne(_ url: URL) -> Bool {
    guard let file = try? PositionedFile(url),
      let head = try? file.read(at: 0, count: min(file.count, 1024))
    else { return false }
    let line = head.prefix { $0 != UInt8(ascii: "\n") }
    return String(decoding: line, as: UTF8.self).contains("youtube_id")
  }

  static func rows(_ url: URL) throws -> [Row] {
    let table = try DelimitedText(parsing: readFile(url), subject: url.path)
    guard let header = table.rows.first else {
      throw EvalError(.malformedData, "the table is empty", subject: url.path)
    }
    let names = header.fields.map { $0.trimmingCharacters(in: .whitespaces).lowercased() }
    func column(_ name: String) throws(EvalError) -> Int {
      guard let column = names.firstIndex(of: name) else {
        throw EvalError(
          .malformedData,
          "expected the columns label, youtube_id, time_start and time_end, found \(names.joined(separator: ", "))",
          subject: "\(url.path):\(header.line)")
      }
      return column
    }
    let columns = (
      label: try column("label"), video: try column("youtube_id"),
      start: try column("time_start"), end: try column("time_end")
    )
    return try table.rows.dropFirst().map { row in
      let place = "\(url.path):\(row.line)"
      guard row.fields.count == names.count else {
        throw EvalError(
          .malformedData, "expected \(names.count) fields, found \(row.fields.count)",
          subject: place)
      }
      guard let label = Kinetics700Classes.label(row.fields[columns.label]) else {
        throw EvalError(
          .malformedData, "`\(row.fields[columns.label])` is no class of Kinetics-700",
          subject: place,
          remedy: NearMiss.hint(for: row.fields[columns.label], among: Kinetics700Classes.names))
      }
      let video = row.fields[columns.video]
      guard !video.isEmpty, !video.contains("/"), !video.contains("\0"),
        let start = seconds(row.fields[columns.start]), let end = seconds(row.fields[columns.end])
      else {
        throw EvalError(
          .malformedData,
          "expected a video and whole seconds, found \(row.fields.joined(separator: ","))",
          subject: place)
      }
      return Row(
        label: label, video: video, clip: "\(video)_\(padded(start))_\(padded(end))", place: place)
    }
  }

  /// `95`, or `95.0`.
  private static func seconds(_ text: String) -> Int? {
    Double(text.trimmingCharacters(in: .whitespaces)).flatMap { Int(exactly: $0) }
      .flatMap { $0 >= 0 ? $0 : nil }
  }

  private static func padded(_ seconds: Int) -> String {
    let digits = String(seconds)
    return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  /// The video of a clip's name: ids may hold `_` themselves.
  static func video(ofClip name: String) -> String {
    let parts = name.split(separator: "_", omittingEmptySubsequences: false)
    let times = parts.suffix(2)
    guard parts.count > 2, times.allSatisfy({ $0.count == 6 && $0.allSatisfy(\.isNumber) }) else {
      return name
    }
    return parts.dropLast(2).joined(separator: "_")
  }
}
