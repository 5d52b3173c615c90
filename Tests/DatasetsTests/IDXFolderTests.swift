import Core
import Datasets
import Foundation
import TestSupport
import Testing

/// MNIST's official files under another dataset's name.
@Suite struct IDXFolderTests {
  private func header(_ values: [UInt32]) -> Data {
    Data(
      values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) } })
  }

  private func write(_ labels: [UInt8], _ stem: String, to scene: Scene) throws {
    let count = UInt32(labels.count)
    try scene.write(
      header([0x803, count, 2, 3]) + Data((0..<6 * labels.count).map { UInt8($0 % 256) }),
      to: "\(stem)-images-idx3-ubyte")
    try scene.write(header([0x801, count]) + Data(labels), to: "\(stem)-labels-idx1-ubyte")
  }

  @Test(arguments: [("mnist", "idx-gz"), ("mnist-plain", "idx")])
  func readsWhatMNISTReads(folder: String, layout: String) throws {
    let root = fixtures.appending(path: folder)
    let index = try IDXFolder(id: "digits").index(root: root, split: "test")
    let mnist = try MNIST().index(root: root, split: "test")
    #expect(index.dataset == "digits" && index.layout == layout)
    #expect(index.samples.map(\.id) == mnist.samples.map(\.id))
    #expect(index.samples.map(\.label) == [7, 2, 1])
    // 0 to the largest label.
    #expect(index.classes.map(\.id) == (0...7).map { "\($0)" })
    #expect(index.notes.isEmpty && !index.isPartial && index.expectedCount == nil)
    #expect(try IDXFolder(id: "digits").splits(root: root) == ["test"])
  }

  @Test("the classes are those of both splits, whatever one of them lacks")
  func classes() throws {
    let scene = try Scene()
    try write([0, 3, 25], "train", to: scene)
    try write([1, 2], "t10k", to: scene)
    for split in ["train", "test", "T10K"] {
      let index = try IDXFolder(id: "letters").index(root: scene.root, split: split)
      #expect(index.classes.count == 26 && index.split == (split == "train" ? "train" : "test"))
    }
    #expect(try IDXFolder().splits(root: scene.root) == ["train", "test"])
    let error = #expect(throws: EvalError.self) {
      try IDXFolder().index(root: scene.root, split: "val")
    }
    #expect(error?.kind == .usage && error?.message.contains("train and test") == true)
  }

  @Test("a dimension of 0 hides no product beyond an Int")
  func dimensionsBeyondAnyFile() throws {
    let scene = try Scene()
    try scene.write(header([0x803, 0, .max, .max]), to: "t10k-images-idx3-ubyte")
    try scene.write(header([0x801, 0]), to: "t10k-labels-idx1-ubyte")
    for adapter in [IDXFolder(), MNIST()] as [any DatasetAdapter] {
      let error = #expect(throws: EvalError.self) {
        try adapter.index(root: scene.root, split: "test")
      }
      #expect(error?.kind == .malformedData)
      #expect(error?.message == "the dimensions multiply beyond any file")
    }
  }

  @Test func refusesWhatDoesNotFit() throws {
    let scene = try Scene()
    let absent = #expect(throws: EvalError.self) {
      try IDXFolder().index(root: scene.root, split: "test")
    }
    #expect(absent?.kind == .notFound && absent?.message.contains("t10k-images") == true)
    try write([1, 2], "t10k", to: scene)
    try scene.write(header([0x801, 3]) + Data([1, 2, 3]), to: "t10k-labels-idx1-ubyte")
    let error = #expect(throws: EvalError.self) {
      try IDXFolder().index(root: scene.root, split: "test")
    }
    #expect(error?.message.contains("expected 2 labels, found dimensions [3]") == true)
    try scene.write(header([0x803, 1, 1, 1]) + Data([1]), to: "train-labels-idx1-ubyte")
    try write([1, 2], "t10k", to: scene)
    let other = #expect(throws: EvalError.self) {
      try IDXFolder().index(root: scene.root, split: "test")
    }
    #expect(other?.subject?.hasSuffix("train-labels-idx1-ubyte") == true)
  }
}
