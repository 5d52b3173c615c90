import Core

/// Images that lie in the folder of one class and are named after another: where files are called `<class>_<number>`
/// (EuroSAT, RESISC45, DTD, ImageNet's training images), a file tells when it was put into a wrong folder.
enum MisplacedImages {
  static func find(in index: DatasetIndex) -> [DoctorReport.Misplaced] {
    guard index.hasClassLabels else { return [] }
    let labels = Dictionary(
      index.classes.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    // The file names of ImageNet's 1.3 million share a thousand beginnings.
    var known: [[UInt8]: Int?] = [:]
    return index.samples.compactMap { sample in
      guard let lead = sample.withIDBytes(lead(ofName:)) else { return nil }
      let label: Int?
      if let found = known[lead] {
        label = found
      } else {
        label = labels[String(decoding: lead, as: UTF8.self)]
        if known.count < limit { known[lead] = .some(label) }
      }
      guard let label, label != sample.label else { return nil }
      return DoctorReport.Misplaced(id: sample.id, name: index.classes[label].id)
    }
  }

  /// Of beginnings that are kept, so that names which are all different take no memory.
  private static let limit = 10_000

  /// `River` of `2750/River/River_12.jpg`: what stands before the last `_` of a file's name. Nil for a file without a folder.
  private static func lead(ofName id: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    guard let slash = id.lastIndex(of: UInt8(ascii: "/")) else { return nil }
    let name = id[(slash + 1)...]
    guard let end = name.lastIndex(of: UInt8(ascii: "_")), end > name.startIndex else { return nil }
    return Array(name[..<end])
  }
}
