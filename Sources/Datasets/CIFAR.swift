import Core
package import Foundation
import Imaging
import TensorFiles

/// CIFAR-10 and CIFAR-100 (Krizhevsky 2009), in the binary and the Python (pickle) archives.
package struct CIFAR: DatasetAdapter {
  package let info: DatasetInfo
  private let form: Form

  /// What differs between the two datasets.
  private struct Form: Sendable {
    var classNames: [String]
    /// Below the data folder.
    var binaryFolders: [String]
    var pythonFolders: [String]
    /// Without `.bin`.
    var files: [String: [String]]
    /// Label bytes before the pixels; the last one counts (CIFAR-100: coarse, then fine).
    var labelBytes: Int
    var labelKey: String
    var nameFiles: (binary: String, python: String, key: String)
  }

  package static let ten = CIFAR(
    info: DatasetInfo(
      id: "CIFAR10", aliases: ["cifar-10", "vtab/cifar10"], title: "CIFAR-10", metric: "accuracy",
      classCount: 10, splits: splits(perClass: (5000, 1000), classes: 10), defaultSplit: "test"),
    form: Form(
      classNames: CIFARNames.ten,
      binaryFolders: ["cifar10/cifar-10-batches-bin", "cifar-10-batches-bin"],
      pythonFolders: ["cifar10/cifar-10-batches-py", "cifar-10-batches-py"],
      files: ["train": (1...5).map { "data_batch_\($0)" }, "test": ["test_batch"]],
      labelBytes: 1, labelKey: "labels",
      nameFiles: ("batches.meta.txt", "batches.meta", "label_names")))

  package static let hundred = CIFAR(
    info: DatasetInfo(
      id: "CIFAR100", aliases: ["cifar-100", "vtab/cifar100", "vtab/cifar"], title: "CIFAR-100",
      metric: "accuracy", classCount: 100, splits: splits(perClass: (500, 100), classes: 100),
      defaultSplit: "test"),
    form: Form(
      classNames: CIFARNames.hundred,
      binaryFolders: ["cifar100/cifar-100-binary", "cifar-100-binary"],
      pythonFolders: ["cifar100/cifar-100-python", "cifar-100-python"],
      files: ["train": ["train"], "test": ["test"]], labelBytes: 2, labelKey: "fine_labels",
      nameFiles: ("fine_label_names.txt", "meta", "fine_label_names")))

  package var canonicalClasses: [DatasetClass]? {
    form.classNames.map { DatasetClass(id: $0, name: $0) }
  }

  private static func splits(perClass: (Int, Int), classes: Int) -> [SplitInfo] {
    [
      SplitInfo(
        name: "train",
        variants: [
          SplitVariant("official", count: perClass.0 * classes, perClass: perClass.0)
        ]),
      SplitInfo(
        name: "test",
        variants: [SplitVariant("official", count: perClass.1 * classes, perClass: perClass.1)]),
    ]
  }

  package func index(root: URL, split name: String) throws -> DatasetIndex {
    let split = try info.split(named: name)
    let files = form.files[split.name] ?? []
    for folder in candidateFolders(root, form.binaryFolders) {
      if let index = try read(files.map { $0 + ".bin" }, of: split, in: folder, binaryRecords) {
        return index
      }
    }
    for folder in candidateFolders(root, form.pythonFolders) {
      // `train` and `test` are folders of images in other layouts, which `isFile` passes over.
      if let index = try read(files, of: split, in: folder, pickledRecords) { return index }
    }
    let wanted =
      form.binaryFolders.map { "\($0)/\(files[0]).bin" }
      + form.pythonFolders.map { "\($0)/\(files[0])" } + ["./\(files[0])[.bin]"]
    throw datasetNotFound(info, split: split.name, root: root, lookedFor: wanted)
  }

  private typealias RecordReader = (URL) throws -> [(label: Int, image: RasterImage)]

  private func read(
    _ names: [String], of split: SplitInfo, in folder: URL, _ reader: RecordReader
  ) throws -> DatasetIndex? {
    let present = names.filter { isFile(folder.appending(path: $0)) }
    if present.isEmpty { return nil }
    try checkClassNames(in: folder)
    let isBinary = names[0].hasSuffix(".bin")
    let layouts = isBinary ? form.binaryFolders : form.pythonFolders
    var draft = IndexDraft(
      layout: layouts[1], classes: form.classNames.map { DatasetClass(id: $0, name: $0) })
    draft.notes = names.filter { !present.contains($0) }.map { "\($0) is absent" }
    for name in present {
      for (record, sample) in try reader(folder.appending(path: name)).enumerated() {
        draft.samples.append(
          DatasetSample(
            id: "\(name)#\(record)", label: sample.label, source: .raster(sample.image),
            byteCount: form.labelBytes + Self.planeBytes * 3))
      }
    }
    return try draft.finish(info, split: split, sorted: false)
  }

  // MARK: Records

  /// A 32×32 plane.
  private static let planeBytes = 1024

  private func binaryRecords(_ url: URL) throws -> [(label: Int, image: RasterImage)] {
    let file = try MappedFile(url)
    let size = form.labelBytes + 3 * Self.planeBytes
    guard file.bytes.count.isMultiple(of: size) else {
      let whole = file.bytes.count / size
      throw EvalError(
        .malformedData,
        "expected records of \(size) bytes, found \(whole) records and \(file.bytes.count % size) bytes",
        subject: "\(url.path), byte \(whole * size)",
        remedy: "The file is truncated, or belongs to another CIFAR.")
    }
    return try stride(from: 0, to: file.bytes.count, by: size).map { start in
      let label = Int(file.bytes[start + form.labelBytes - 1])
      try check(label, "\(url.path), byte \(start + form.labelBytes - 1)")
      let planes = UnsafeRawBufferPointer(
        rebasing: file.bytes[start + form.labelBytes..<start + size])
      return (label, Self.interleaved(planes))
    }
  }

  private func pickledRecords(_ url: URL) throws -> [(label: Int, image: RasterImage)] {
    let document = try PickleDocument(parsing: readFile(url), subject: url.path)
    func fail(_ message: String) -> EvalError {
      EvalError(.malformedData, message, subject: url.path)
    }
    guard let data = try document.root["data"]?.array(), data.type.hasSuffix("u1"),
      data.shape.count == 2, data.shape[1] == 3 * Self.planeBytes
    else { throw fail("expected `data` to be an N×3072 array of bytes") }
    let labels: [Int]
    if let array = try document.root[form.labelKey]?.array() {
      labels = array.integers
    } else if let list = document.root[form.labelKey]?.elements {
      labels = list.compactMap(\.integer)
    } else {
      throw fail("expected a list `\(form.labelKey)`")
    }
    guard labels.count == data.shape[0] else {
      throw fail("found \(data.shape[0]) images, but \(labels.count) labels")
    }
    return try data.bytes.withUnsafeBytes { bytes in
      try labels.enumerated().map { record, label in
        try check(label, "\(url.path), record \(record)")
        let size = 3 * Self.planeBytes
        let planes = UnsafeRawBufferPointer(rebasing: bytes[record * size..<(record + 1) * size])
        return (label, Self.interleaved(planes))
      }
    }
  }

  private func check(_ label: Int, _ place: String) throws {
    guard form.classNames.indices.contains(label) else {
      throw EvalError(
        .malformedData, "expected a label 0…\(form.classNames.count - 1), found \(label)",
        subject: place)
    }
  }

  /// Planes R, G, B of 32×32 to interleaved RGB.
  private static func interleaved(_ planes: UnsafeRawBufferPointer) -> RasterImage {
    let pixels = [UInt8](unsafeUninitializedCapacity: 3 * planeBytes) { out, count in
      for i in 0..<planeBytes {
        out[3 * i] = planes[i]
        out[3 * i + 1] = planes[planeBytes + i]
        out[3 * i + 2] = planes[2 * planeBytes + i]
      }
      count = 3 * planeBytes
    }
    return RasterImage(mode: .rgb, width: 32, height: 32, pixels: pixels)
  }

  // MARK: Class names

  /// The names are fixed; a copy that lists them otherwise numbers its classes otherwise too.
  private func checkClassNames(in folder: URL) throws {
    let text = folder.appending(path: form.nameFiles.binary)
    let pickle = folder.appending(path: form.nameFiles.python)
    let (found, source): ([String], URL)
    if isFile(text) {
      let lines = String(decoding: try readFile(text), as: UTF8.self).split(
        whereSeparator: \.isNewline)
      (found, source) = (lines.map { $0.trimmingCharacters(in: .whitespaces) }, text)
    } else if isFile(pickle) {
      let document = try PickleDocument(parsing: readFile(pickle), subject: pickle.path)
      let names = document.root[form.nameFiles.key]?.elements ?? []
      (found, source) = (names.compactMap(\.text), pickle)
    } else {
      return
    }
    let names = found.filter { !$0.isEmpty }
    guard names == form.classNames else {
      let at = zip(names, form.classNames).enumerated().first { $1.0 != $1.1 }?.offset
      let detail =
        at.map { "class \($0) is `\(names[$0])`, expected `\(form.classNames[$0])`" }
        ?? "found \(names.count) names, expected \(form.classNames.count)"
      throw EvalError(
        .malformedData, "these are not \(info.title)'s class names: \(detail)",
        subject: source.path)
    }
  }
}
