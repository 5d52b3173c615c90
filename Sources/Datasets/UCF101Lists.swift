import Core
import Foundation

/// The files of `ucfTrainTestlist`.
enum UCF101Lists {
  struct Entry {
    /// `ApplyEyeMakeup/v_ApplyEyeMakeup_g08_c01.avi`.
    var path: String
    var place: String
  }

  /// Lines `1 ApplyEyeMakeup` of `classInd.txt`; the numbers that training lists repeat. Empty without the file.
  static func classNumbers(_ url: URL) throws -> [Int: Int] {
    guard isFile(url) else { return [:] }
    var labels: [Int: Int] = [:]
    for (line, text) in try numberedLines(url) {
      let fields = text.split(whereSeparator: \.isWhitespace)
      guard fields.count == 2, let number = ClassFolders.nonNegativeInteger(fields[0]),
        let label = UCF101Classes.label(fields[1])
      else {
        throw EvalError(
          .malformedData, "expected `<number> <Class>` with a class of UCF101, found `\(text)`",
          subject: "\(url.path):\(line)")
      }
      guard labels.updateValue(label, forKey: number) == nil else {
        throw EvalError(
          .malformedData, "class \(number) is there twice", subject: "\(url.path):\(line)")
      }
    }
    return labels
  }

  /// Lines are a path, in training lists followed by the class's number from 1.
  static func entries(_ url: URL, classNumbers: [Int: Int]) throws -> [Entry] {
    try numberedLines(url).map { line, text in
      let place = "\(url.path):\(line)"
      let fields = text.split(whereSeparator: \.isWhitespace)
      guard let path = fields.first, fields.count <= 2 else {
        throw EvalError(
          .malformedData, "expected `<Class>/<clip>.avi` or that and a number, found `\(text)`",
          subject: place)
      }
      if fields.count == 2 {
        let folder = path.split(separator: "/").first ?? ""
        guard let number = ClassFolders.nonNegativeInteger(fields[1]),
          let label = UCF101Classes.label(folder),
          classNumbers.isEmpty || classNumbers[number] == label
        else {
          throw EvalError(
            .malformedData,
            "`\(path)` has class \(fields[1]), which classInd.txt does not say of it",
            subject: place)
        }
      }
      return Entry(path: String(path), place: place)
    }
  }
}
