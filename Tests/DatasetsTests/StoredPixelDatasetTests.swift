import Core
import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

/// STL-10, SVHN, PCam and CIFAR-10.1: fixtures by Python (Tools/make-record-dataset-fixtures.py), outcomes also by torchvision
/// (Tools/crosscheck-torchvision-records.py).
@Suite struct StoredPixelDatasetTests {
  // MARK: STL-10

  @Test func stl10() throws {
    let root = fixtures.appending(path: "stl10")
    try ExpectedSamples("stl10").check(STL10(), root: root)
    try ExpectedSamples("stl10", file: "torchvision.json")
      .check(STL10(), root: root.appending(path: "stl10_binary"), byIndex: true)
    let index = try STL10().index(root: root, split: "test")
    #expect(index.isPartial && index.expectedCount == 8000 && index.layout == "stl10_binary")
    #expect(STL10().info.splits.count == 12)
  }

  /// Hashes and cache keys do not depend on whether the pixels are in memory.
  @Test func storedPixelsIdentifyAsRastersDo() throws {
    let index = try STL10().index(root: fixtures.appending(path: "stl10"), split: "test")
    let source = try #require(index.samples.first).source
    let image = try ImageDecoder.decode(source)
    #expect(image.width == 96 && image.height == 96)
    let stored = try source.withBytes { SHA256.hash($0) }
    #expect(try ImageSource.raster(image).withBytes { SHA256.hash($0) } == stored)
  }

  @Test func stl10Faults() throws {
    let scene = try Scene(copyOf: "stl10")
    let images = "stl10_binary/test_X.bin"
    let whole = try scene.bytes(images)
    try scene.write(whole.dropLast(), to: images)
    let short = indexError(STL10(), scene.root, "test")
    #expect(short?.kind == .malformedData && short?.subject?.hasSuffix("byte 55296") == true)
    try scene.write(whole, to: images)

    try scene.write(Data([2, 11, 1]), to: "stl10_binary/test_y.bin")
    let label = indexError(STL10(), scene.root, "test")
    #expect(label?.message.contains("found 11") == true)
    #expect(label?.subject?.hasSuffix("byte 1") == true)
    try scene.write(Data([2, 1]), to: "stl10_binary/test_y.bin")
    #expect(
      indexError(STL10(), scene.root, "test")?.message == "found 2 labels for 3 images")
    try scene.remove("stl10_binary/test_y.bin")
    #expect(indexError(STL10(), scene.root, "test")?.kind == .notFound)

    try scene.edit("stl10_binary/fold_indices.txt", "0 2", "0 5")
    let fold = indexError(STL10(), scene.root, "fold0")
    #expect(fold?.subject?.hasSuffix("fold_indices.txt:1") == true)
    #expect(try STL10().index(root: scene.root, split: "fold1").samples.count == 2)
    try scene.edit("stl10_binary/class_names.txt", "car\n", "automobile\n")
    let names = indexError(STL10(), scene.root, "train")
    #expect(names?.message.contains("found `automobile`, expected `car`") == true)

    let report = try DatasetDoctor.examine(STL10(), root: scene.root, split: nil)
    #expect(report.exitCode == 65 && report.failures.count == 12)
  }

  @Test func stl10Folders() throws {
    let scene = try Scene(images: ["stl10/test/airplane/1.jpg", "stl10/test/truck/1.jpg"])
    let index = try STL10().index(root: scene.root, split: "test")
    #expect(index.layout == "stl10-folders" && index.classes.count == 10)
    #expect(index.samples.map(\.label) == [0, 9] && index.notes.count == 8)
    let numbered = try Scene(images: ["stl10/test/1/1.jpg", "stl10/test/10/1.jpg"])
    #expect(
      try STL10().index(root: numbered.root, split: "test").samples.map(\.label) == [0, 9])
  }

  // MARK: SVHN

  /// `train` and `extra` are compressed, `test` is not; 10 is the digit 0.
  @Test func svhn() throws {
    let root = fixtures.appending(path: "svhn")
    try ExpectedSamples("svhn").check(SVHN(), root: root)
    try ExpectedSamples("svhn", file: "torchvision.json").check(SVHN(), root: root, byIndex: true)
    let test = try SVHN().index(root: fixtures, split: "test")
    #expect(test.samples.map(\.label) == [5, 0, 1] && test.expectedCount == 26_032)
  }

  @Test func svhnFaults() throws {
    let scene = try Scene(copyOf: "svhn")
    let train = try scene.bytes("train_32x32.mat")
    try scene.write(train.dropLast(40), to: "train_32x32.mat")
    #expect(indexError(SVHN(), scene.root, "train")?.kind == .malformedData)
    var damaged = train
    damaged[damaged.count / 2] ^= 0x10
    try scene.write(damaged, to: "train_32x32.mat")
    #expect(indexError(SVHN(), scene.root, "train")?.kind == .malformedData)
    // Another program's file, and a level 7.3 one.
    try scene.write(try scene.bytes("expected.json"), to: "train_32x32.mat")
    #expect(
      indexError(SVHN(), scene.root, "train")?.message.contains("MATLAB 5.0") == true)
    try scene.write(Data("MATLAB 7.3 MAT-file".utf8) + Data(count: 200), to: "train_32x32.mat")
    #expect(
      indexError(SVHN(), scene.root, "train")?.message.contains("found `MATLAB 7.3`") == true)

    let test = try scene.bytes("test_32x32.mat")
    // The labels 5, 10 and 1 are doubles at the end.
    var wrong = test
    let ten = try #require(test.lastRange(of: withUnsafeBytes(of: 10.0) { Data($0) }))
    withUnsafeBytes(of: 11.0) { wrong.replaceSubrange(ten, with: $0) }
    try scene.write(wrong, to: "test_32x32.mat")
    let label = indexError(SVHN(), scene.root, "test")
    #expect(label?.message.contains("found 11.0") == true)
    #expect(label?.subject?.hasSuffix("y[1]") == true)
    withUnsafeBytes(of: 0.0) { wrong.replaceSubrange(ten, with: $0) }
    try scene.write(wrong, to: "test_32x32.mat")
    let relabelled = try SVHN().index(root: scene.root, split: "test")
    #expect(relabelled.samples.map(\.label) == [5, 0, 1] && relabelled.notes.count == 1)
  }

  /// No cut of the file and no flipped byte does more than throw.
  @Test func svhnSurvivesDamage() throws {
    let scene = try Scene(copyOf: "svhn")
    for file in ["train", "test"] {
      let whole = try scene.bytes("\(file)_32x32.mat")
      for position in stride(from: 0, to: whole.count, by: whole.count / 150) {
        for data in [whole.prefix(position), flipped(whole, at: position)] {
          try scene.write(Data(data), to: "\(file)_32x32.mat")
          attempt(SVHN(), scene.root, file)
        }
      }
    }
  }

  // MARK: PCam

  @Test func pcam() throws {
    let root = fixtures.appending(path: "pcam")
    try ExpectedSamples("pcam").check(PCam(), root: root)
    try ExpectedSamples("pcam", file: "torchvision.json")
      .check(PCam(), root: root.appending(path: "pcam"), byIndex: true)
    try ExpectedSamples("pcam-gz").check(PCam(), root: fixtures.appending(path: "pcam-gz"))
    let packed = try PCam().index(root: fixtures.appending(path: "pcam-gz"), split: "test")
    let plain = try PCam().index(root: root, split: "test")
    #expect(packed.fingerprint == plain.fingerprint && packed.notes.count == 1)
    #expect(plain.classes.map(\.id) == ["0", "1"] && plain.expectedCount == 32_768)
  }

  @Test func pcamReadsOnManyThreads() async throws {
    let index = try PCam().index(root: fixtures.appending(path: "pcam"), split: "trainval")
    let expected = try #require(try ExpectedSamples("pcam").splits["trainval"])
    try await withThrowingTaskGroup { group in
      for round in 0..<40 {
        let number = round % index.samples.count
        group.addTask { (number, try rgbHash(index.samples[number].source)) }
      }
      for try await (number, hash) in group { #expect(hash == expected[number].pixels) }
    }
  }

  @Test func pcamFaults() throws {
    let scene = try Scene(copyOf: "pcam")
    let stem = "pcam/camelyonpatch_level_2_split_"
    try scene.remove(stem + "test_y.h5")
    let missing = indexError(PCam(), scene.root, "test")
    #expect(missing?.kind == .notFound && missing?.message.contains("test_y.h5") == true)
    // Labels of another split, labels for images, a file that is cut short, and one that is no HDF5.
    let train = try scene.bytes(stem + "train_y.h5")
    try scene.write(train, to: stem + "test_y.h5")
    #expect(
      indexError(PCam(), scene.root, "test")?.message.contains("3 labels for 2 images") == true)
    try scene.write(try scene.bytes(stem + "test_x.h5"), to: stem + "test_y.h5")
    #expect(indexError(PCam(), scene.root, "test")?.message.contains("`y`") == true)
    try scene.write(try scene.bytes(stem + "valid_y.h5"), to: stem + "test_y.h5")
    let images = try scene.bytes(stem + "test_x.h5")
    try scene.write(images.prefix(images.count / 2), to: stem + "test_x.h5")
    let short = indexError(PCam(), scene.root, "test")
    #expect(short?.kind == .malformedData)
    #expect(short?.message.contains("truncated file") == true, "\(short?.message ?? "")")
    try scene.write(Data("<html>quota exceeded</html>".utf8), to: stem + "test_x.h5")
    #expect(indexError(PCam(), scene.root, "test")?.kind == .malformedData)
    let report = try DatasetDoctor.examine(PCam(), root: scene.root, split: nil)
    #expect(report.exitCode == 65 && report.splits.map(\.split) == ["train", "val", "trainval"])
    #expect(report.failures.map(\.split) == ["test"])
  }

  @Test func pcamSurvivesDamage() throws {
    let scene = try Scene(copyOf: "pcam")
    for file in ["train_x", "test_y", "train_y"] {
      let path = "pcam/camelyonpatch_level_2_split_\(file).h5"
      let whole = try scene.bytes(path)
      for position in stride(from: 0, to: whole.count, by: max(whole.count / 80, 7)) {
        for data in [Data(whole.prefix(position)), flipped(whole, at: position)] {
          try scene.write(data, to: path)
          attempt(PCam(), scene.root, String(file.dropLast(2)))
        }
      }
      try scene.write(whole, to: path)
    }
  }

  @Test func pcamOfKaggle() throws {
    let root = fixtures.appending(path: "pcam-kaggle")
    let train = try PCam().index(root: root, split: "train")
    #expect(train.samples.map(\.label) == [1, 0] && train.layout.hasPrefix("kaggle"))
    #expect(train.samples.allSatisfy { $0.id.hasSuffix(".tif") && $0.byteCount != nil })
    #expect(train.notes.count == 1)
    let test = indexError(PCam(), root, "test")
    #expect(test?.kind == .notFound && test?.message.contains("Kaggle's copy") == true)
    #expect(test?.remedy?.contains("zenodo.org") == true)
  }

  // MARK: CIFAR-10.1

  @Test func cifar101() throws {
    try ExpectedSamples("cifar10.1").check(
      CIFAR101(), root: fixtures.appending(path: "cifar10.1"))
    let index = try CIFAR101().index(root: fixtures, split: "v6")
    #expect(index.samples.map(\.label) == [6, 6] && index.expectedCount == 2000)
    let scene = try Scene(copyOf: "cifar10.1")
    try scene.move("datasets/cifar10.1_v4_labels.npy", to: "labels.npy")
    #expect(indexError(CIFAR101(), scene.root, "v4")?.kind == .notFound)
    try scene.move("datasets/cifar10.1_v6_labels.npy", to: "datasets/cifar10.1_v4_labels.npy")
    #expect(
      indexError(CIFAR101(), scene.root, "v4")?.message.contains("expected 3 labels") == true)
    try scene.write(try scene.bytes("labels.npy"), to: "datasets/cifar10.1_v4_data.npy")
    #expect(
      indexError(CIFAR101(), scene.root, "v4")?.message.contains("N×32×32×3 bytes") == true)
  }

  private func flipped(_ data: Data, at position: Int) -> Data {
    var data = data
    data[position] ^= 0xff
    return data
  }

  /// Indexes and reads whatever can be, and expects that nothing else is thrown than errors of the data.
  private func attempt(_ adapter: any DatasetAdapter, _ root: URL, _ split: String) {
    do {
      for sample in try adapter.index(root: root, split: split).samples {
        _ = try ImageDecoder.decode(sample.source)
      }
    } catch let error as EvalError {
      #expect(error.kind == .malformedData || error.kind == .notFound, "\(error)")
    } catch {
      Issue.record(error)
    }
  }
}
