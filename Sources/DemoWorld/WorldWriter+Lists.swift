import Core
import Foundation

/// The files beside the images: lists, annotations, idx.
extension WorldWriter {
  func writeLists(set: String, _ items: [EvaluationItem]) throws {
    switch set {
    case World.countSet: try writeCountLists(items)
    case World.sceneSet: try writeSceneLists(items)
    case World.captionSet: try writeCaptions(items)
    default: break
    }
  }

  private func writeCountLists(_ items: [EvaluationItem]) throws {
    for (split, members) in Dictionary(grouping: items, by: { $0.path.split(separator: "/")[1] }) {
      let rows = members.map { "\($0.path).jpg,\($0.label)\n" }
      try AtomicFile.write(
        "filename,label\n" + rows.joined(),
        to: root.appending(path: "\(World.countSet)/\(split).csv"))
    }
  }

  /// VOC2007's: image sets with 1 and −1, and an annotation for each image.
  private func writeSceneLists(_ items: [EvaluationItem]) throws {
    let base = root.appending(path: "\(World.sceneSet)/VOC2007")
    for split in ["trainval", "test"] {
      let members = items.filter { ($0.path < "005000") == (split == "test") }
      let ids = members.map { $0.path + "\n" }.joined()
      try AtomicFile.write(ids, to: base.appending(path: "ImageSets/Main/\(split).txt"))
      for shape in World.sceneShapes {
        // The official files pad the sign's place, so that a plain 1 has two spaces before it.
        let rows = members.map { "\($0.path) \($0.shapes.contains(shape) ? " 1" : "-1")\n" }
        try AtomicFile.write(
          rows.joined(), to: base.appending(path: "ImageSets/Main/\(shape.word)_\(split).txt"))
      }
    }
    try AtomicFile.createFolder(base.appending(path: "Annotations"))
    for item in items {
      let objects = item.shapes.map {
        "  <object><name>\($0.word)</name><difficult>0</difficult></object>\n"
      }
      let text = """
        <annotation>
          <folder>VOC2007</folder>
          <filename>\(item.path).jpg</filename>
          <size><width>64</width><height>64</height><depth>3</depth></size>
        \(objects.joined())</annotation>

        """
      try Self.write(Data(text.utf8), to: base.appending(path: "Annotations/\(item.path).xml"))
    }
  }

  private struct CaptionFile: Encodable {
    struct Sentence: Encodable {
      var raw: String
      var imgid: Int
      var sentid: Int
    }
    struct Image: Encodable {
      var filename: String
      var filepath: String
      var imgid: Int
      var sentids: [Int]
      var sentences: [Sentence]
      var split: String
    }
    var dataset: String
    var images: [Image]
  }

  /// Karpathy's JSON: five captions an image.
  private func writeCaptions(_ items: [EvaluationItem]) throws {
    let images = items.enumerated().map { number, item in
      var words = world.random("\(item.set)/captions/\(item.path)")
      let ids = (0..<5).map { 5 * number + $0 }
      return CaptionFile.Image(
        filename: item.path.replacing("images/", with: "") + ".jpg", filepath: "images",
        imgid: number, sentids: ids,
        sentences: ids.map {
          CaptionFile.Sentence(raw: item.caption(&words), imgid: number, sentid: $0)
        }, split: "test")
    }
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let file = CaptionFile(dataset: "demo", images: images)
    try AtomicFile.write(
      try encoder.encode(file),
      to: root.appending(path: "\(World.captionSet)/dataset_demo.json"))
  }

  /// Test and training digits.
  var digitCount: Int { 6 * sizes.scenes }

  /// MNIST's idx files. Returns the number of images.
  func writeDigits() throws -> Int {
    try remove(root.appending(path: World.digitSet))
    let folder = root.appending(path: "\(World.digitSet)/raw")
    for (split, prefix, count) in [
      ("test", "t10k", 2 * sizes.scenes), ("train", "train", 4 * sizes.scenes),
    ] {
      let items = world.digitItems(split: split, count: count)
      let pictures = try inParallel(items.count) { Digits.small(items[$0].draw()) }
      var images = Self.idxHeader(dimensions: [count, 28, 28])
      for picture in pictures { images.append(contentsOf: picture) }
      var labels = Self.idxHeader(dimensions: [count])
      labels.append(contentsOf: items.map { UInt8($0.label) ?? 0 })
      try AtomicFile.write(images, to: folder.appending(path: "\(prefix)-images-idx3-ubyte"))
      try AtomicFile.write(labels, to: folder.appending(path: "\(prefix)-labels-idx1-ubyte"))
    }
    return digitCount
  }

  /// Bytes of type 8, big-endian sizes.
  private static func idxHeader(dimensions: [Int]) -> Data {
    var data = Data([0, 0, 8, UInt8(dimensions.count)])
    for size in dimensions {
      withUnsafeBytes(of: UInt32(size).bigEndian) { data.append(contentsOf: $0) }
    }
    return data
  }
}
