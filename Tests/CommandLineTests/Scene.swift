import Foundation
import TestSupport

/// A data folder, prompt sets and a suite of a test's own, small enough to evaluate in a moment.
///
/// | dataset | split | layout | samples |
/// | --- | --- | --- | --- |
/// | image-folder | toys | PPM, PNG and JPEG files in three class folders | 14 |
/// | csv | listed | a list of the same PPM files | 8 |
/// | MNIST | test | idx files | 30 |
/// | CIFAR10 | test | `test_batch.bin` | `cifarCount` |
struct Scene {
  static let classes = ["blue ball", "red_box", "tree"]
  private let folder: TemporaryFolder
  let cifarCount: Int

  var url: URL { folder.url }
  var data: URL { url.appending(path: "data") }
  var prompts: URL { url.appending(path: "prompts") }
  var suite: URL { url.appending(path: "toys.yaml") }
  var cache: URL { url.appending(path: "cache") }

  init(cifarCount: Int = 40) throws {
    folder = try TemporaryFolder()
    self.cifarCount = cifarCount
    try writeToys()
    try writeRecords()
    try writePrompts()
    try writeSuite()
  }

  /// A program that knows the scene's prompts and a cache of this name.
  func program(cache name: String = "cache") throws -> Program {
    try Program(environment: [
      "CLIP_EVAL_CACHE": url.appending(path: name).path, "CLIP_EVAL_PROMPTS": prompts.path,
    ])
  }

  /// `run` of the scene's suite into `output`, with more arguments.
  func arguments(to output: String, _ more: String...) -> [String] {
    [
      "run", suite.path, "--model", Program.model, "--data-root", data.path, "--output",
      url.appending(path: output).path,
    ] + more
  }

  func write(_ text: String, to path: String) throws { try write(Data(text.utf8), to: path) }

  func write(_ bytes: Data, to path: String) throws {
    let target = url.appending(path: path)
    try FileManager.default.createDirectory(
      at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
    try bytes.write(to: target)
  }

  func suiteText(_ entries: [(dataset: String, split: String?, classes: String)]) -> String {
    "suite: toys\nversion: 1\ndescription: Toy data.\nexperiments: [zero-shot]\ndatasets:\n"
      + entries.map { entry in
        "  - dataset: \(entry.dataset)\n" + (entry.split.map { "    split: \($0)\n" } ?? "")
          + "    classNames: \(entry.classes)\n    templates: generic/two\n"
      }.joined()
  }

  private func writeSuite() throws {
    try write(
      suiteText([
        ("image-folder", "toys", "toys"), ("csv", "listed", "image-folder/toys"),
        ("MNIST", nil, "digits"), ("CIFAR10", "test", "tiny"),
      ]), to: "toys.yaml")
  }

  private func writePrompts() throws {
    func set(_ dataset: String, _ name: String, _ classes: [(String, String)]) throws {
      let lines = classes.map { "  \"\($0.0)\": \"\($0.1)\"\n" }.joined()
      try write(
        "dataset: \(dataset)\nset: \(name)\nversion: 1\nsource: a test\nclasses:\n" + lines,
        to: "prompts/\(dataset)/\(name).yaml")
    }
    try set("image-folder", "toys", [("blue ball", "ball"), ("red_box", "box"), ("tree", "tree")])
    try set("image-folder", "incomplete", [("blue ball", "ball"), ("tree", "tree")])
    try set("MNIST", "digits", (0..<10).map { ("\($0)", "\($0)") })
    let cifar = [
      "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
    ]
    try set("CIFAR10", "tiny", cifar.map { ($0, String($0.prefix(3))) })
    try write(
      "dataset: generic\nset: two\nversion: 1\nsource: a test\ntemplates:\n  - \"a {}.\"\n  - \"{}\"\n",
      to: "prompts/generic/two.yaml")
  }

  private func writeToys() throws {
    var list = "filepath,label\n"
    for (number, name) in Self.classes.enumerated() {
      for image in 0..<4 {
        let path = "toys/\(name)/\(image).ppm"
        try write(
          Self.ppm(width: 30 + 7 * image, height: 41 + number, seed: UInt64(10 * number + image)),
          to: "data/\(path)")
        if number < 2 { list += "\"\(path)\",\(name)\n" }
      }
    }
    let images = TestPaths.fixtures.appending(path: "imaging")
    for (file, name) in [("palette-47x35.png", "tree"), ("rgb-444-75x50.jpg", "red_box")] {
      try write(
        try Data(contentsOf: images.appending(path: file)), to: "data/toys/\(name)/\(file)")
    }
    try write(list, to: "data/listed.csv")
  }

  /// Thirty digits as idx files and `cifarCount` records of 3073 bytes.
  private func writeRecords() throws {
    var noise = Noise(seed: 7)
    let big: (Int) -> [UInt8] = { n in (0..<4).map { UInt8(n >> (24 - 8 * $0) & 255) } }
    let pixels: [UInt8] = [0, 0, 8, 3] + big(30) + big(28) + big(28) + noise.bytes(30 * 784)
    try write(Data(pixels), to: "data/mnist/t10k-images-idx3-ubyte")
    let labels: [UInt8] = [0, 0, 8, 1] + big(30) + (0..<30).map { UInt8($0 * 7 % 10) }
    try write(Data(labels), to: "data/mnist/t10k-labels-idx1-ubyte")
    var records: [UInt8] = []
    for record in 0..<cifarCount { records += [UInt8(record % 10)] + noise.bytes(3072) }
    try write(Data(records), to: "data/cifar-10-batches-bin/test_batch.bin")
  }

  /// A gradient with noise.
  static func ppm(width: Int, height: Int, seed: UInt64) -> Data {
    var noise = Noise(seed: seed)
    var bytes = Array("P6\n\(width) \(height)\n255\n".utf8)
    let (red, green) = (Int(seed % 5) * 40, Int(seed % 3) * 70)
    for y in 0..<height {
      for x in 0..<width {
        bytes += [red + x, green + y, x * y % 97].map {
          UInt8(clamping: $0 + Int(noise.next() % 40))
        }
      }
    }
    return Data(bytes)
  }
}

/// SplitMix64: the same bytes everywhere.
struct Noise {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }
}
