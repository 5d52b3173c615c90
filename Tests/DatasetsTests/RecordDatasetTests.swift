import Core
import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

/// CIFAR and MNIST fixtures by Python (Tools/make-dataset-fixtures.py).
@Suite struct RecordDatasetTests {
  /// What the generator puts at a pixel of a CIFAR record, before clipping to a byte.
  private func value(record: Int, channel: Int, position: Int) -> UInt8 {
    UInt8((record * 97 + channel * 31 + position) % 256)
  }

  private func raster(_ sample: DatasetSample) throws -> RasterImage {
    guard case .raster(let image) = sample.source else {
      throw EvalError(.bug, "expected a raster")
    }
    return image
  }

  private func checkPixels(_ index: DatasetIndex) throws {
    for (record, sample) in index.samples.enumerated() {
      let image = try raster(sample)
      #expect(image.mode == .rgb && image.width == 32 && image.height == 32)
      try #require(image.pixels.count == 3072)
      for (position, channel) in [(0, 0), (0, 1), (0, 2), (33, 1), (1023, 2)] {
        let found = image.pixels[3 * position + channel]
        #expect(found == value(record: record, channel: channel, position: position))
      }
    }
  }

  @Test func cifar10BinaryAndPickleHoldTheSame() throws {
    let binary = try CIFAR.ten.index(root: fixtures, split: "test")
    #expect(binary.layout == "cifar-10-batches-bin")
    #expect(binary.samples.map(\.label) == [9, 0, 3])
    #expect(binary.samples.map(\.id) == (0..<3).map { "test_batch.bin#\($0)" })
    #expect(binary.classes[9].id == "truck")
    #expect(binary.isPartial && binary.expectedCount == 10_000)
    try checkPixels(binary)

    let folder = fixtures.appending(path: "cifar-10-batches-py")
    let pickle = try CIFAR.ten.index(root: folder, split: "test")
    #expect(pickle.layout == "cifar-10-batches-py")
    #expect(pickle.samples.map(\.label) == [9, 0, 3])
    try checkPixels(pickle)

    let train = try CIFAR.ten.index(root: folder, split: "train")
    #expect(train.samples.count == 3)
    #expect(train.notes == (2...5).map { "data_batch_\($0) is absent" })
  }

  /// The coarse label comes first, and is not the label.
  @Test func cifar100TakesTheFineLabel() throws {
    for folder in ["cifar-100-binary", "cifar-100-python"] {
      let index = try CIFAR.hundred.index(
        root: fixtures.appending(path: folder), split: "test")
      #expect(index.layout == folder)
      #expect(index.samples.map(\.label) == [49, 33, 99])
      #expect(index.classes[49].id == "mountain")
      #expect(index.classes[33].id == "forest")
      try checkPixels(index)
    }
  }

  @Test func truncatedAndForeignRecordsAreErrors() throws {
    let scene = try Scene()
    let records = try Data(
      contentsOf: fixtures.appending(path: "cifar-10-batches-bin/test_batch.bin"))
    let path = "cifar-10-batches-bin/test_batch.bin"
    try scene.write(records.prefix(7000), to: path)
    let short = #expect(throws: EvalError.self) {
      try CIFAR.ten.index(root: scene.root, split: "test")
    }
    #expect(short?.kind == .malformedData)
    #expect(short?.subject?.hasSuffix("byte 6146") == true)

    var wrong = records
    wrong[3073] = 10
    try scene.write(wrong, to: path)
    let label = #expect(throws: EvalError.self) {
      try CIFAR.ten.index(root: scene.root, split: "test")
    }
    #expect(label?.subject?.hasSuffix("byte 3073") == true)

    try scene.write(records, to: path)
    try scene.write(
      Data("airplane\nautomobile\ncat\n".utf8), to: "cifar-10-batches-bin/batches.meta.txt")
    let names = #expect(throws: EvalError.self) {
      try CIFAR.ten.index(root: scene.root, split: "test")
    }
    #expect(names?.message.contains("class 2 is `cat`, expected `bird`") == true)
  }

  @Test(arguments: ["mnist", "mnist-plain"]) func mnistIsRead(folder: String) throws {
    let index = try MNIST().index(root: fixtures.appending(path: folder), split: "test")
    #expect(index.layout == (folder == "mnist" ? "mnist-idx-gz" : "mnist-idx"))
    #expect(index.samples.map(\.label) == [7, 2, 1])
    #expect(index.samples[2].id == "t10k-images-idx3-ubyte#2")
    #expect(index.isPartial && index.expectedCount == 10_000)
    #expect(index.notes.count == 1)
    let image = try raster(index.samples[1])
    #expect(image.mode == .l && image.width == 28 && image.height == 28)
    #expect(image.pixels.first == UInt8(784 % 256) && image.pixels.last == UInt8(1567 % 256))
  }

  /// Ten thousand images under MNIST's names that are not MNIST's, as Fashion-MNIST's are.
  @Test func mnistRefusesFashionMNIST() throws {
    let scene = try Scene()
    func header(_ values: [UInt32]) -> Data {
      Data(
        values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
        })
    }
    try scene.write(
      header([0x803, 10_000, 28, 28]) + Data(count: 7_840_000), to: "t10k-images-idx3-ubyte")
    try scene.write(header([0x801, 10_000]) + Data(count: 10_000), to: "t10k-labels-idx1-ubyte")
    let error = #expect(throws: EvalError.self) {
      try MNIST().index(root: scene.root, split: "test")
    }
    #expect(error?.kind == .malformedData)
    #expect(error?.remedy?.contains("Fashion-MNIST") == true)
  }

  @Test func mnistNamesWhatIsWrong() throws {
    let scene = try Scene(copies: [
      "raw/t10k-images-idx3-ubyte": "mnist-plain/t10k-images-idx3-ubyte"
    ])
    let alone = #expect(throws: EvalError.self) {
      try MNIST().index(root: scene.root, split: "test")
    }
    #expect(alone?.kind == .notFound)
    #expect(alone?.message.contains("t10k-labels-idx1-ubyte") == true)
    try scene.write(Data([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 12]), to: "raw/t10k-labels-idx1-ubyte")
    let label = #expect(throws: EvalError.self) {
      try MNIST().index(root: scene.root, split: "test")
    }
    #expect(label?.message.contains("found label 12") == true)
    let absent = #expect(throws: EvalError.self) {
      try MNIST().index(root: scene.root, split: "train")
    }
    #expect(absent?.kind == .notFound)
    #expect(absent?.message.contains("MNIST/raw/train-images-idx3-ubyte[.gz]") == true)
  }
}
