import Core
import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct DatasetDoctorTests {
  @Test func namesEveryKindOfBadFile() throws {
    let scene = try Scene(
      images: ["x/good.jpg", "y/good.jpeg"],
      texts: ["x/empty.jpg": "", "x/text.jpg": "not an image", "x/notes.txt": "x"],
      copies: ["x/misnamed.jpg": "tiny.png"])
    try FileManager.default.createSymbolicLink(
      atPath: scene.root.appending(path: "x/gone.jpg").path, withDestinationPath: "nowhere")
    let report = try DatasetDoctor.examine(ImageFolder(), root: scene.root, split: nil)
    let split = try #require(report.splits.first)
    #expect(split.samples == 6 && split.classes == 2)
    #expect(split.smallestClass == 1 && split.largestClass == 5)
    #expect(split.empty == ["x/empty.jpg"])
    #expect(split.unrecognised == ["x/text.jpg"])
    #expect(split.misnamed == ["x/misnamed.jpg"])
    #expect(split.missing == ["x/gone.jpg"])
    #expect(split.ignored == ["x/notes.txt"])
    #expect(report.exitCode == 65)
  }

  @Test func exitCodes() throws {
    let good = try DatasetDoctor.examine(
      MNIST(), root: fixtures.appending(path: "mnist"), split: nil)
    #expect(good.exitCode == 0)  // no train files here, but test files
    #expect(good.splits.map(\.split) == ["test"] && good.failures.map(\.split) == ["train"])
    let none = try DatasetDoctor.examine(MNIST(), root: fixtures, split: "train")
    #expect(none.exitCode == 66)
    let scene = try Scene(texts: ["t10k-images-idx3-ubyte": "x", "t10k-labels-idx1-ubyte": "x"])
    #expect(try DatasetDoctor.examine(MNIST(), root: scene.root, split: nil).exitCode == 65)
    let listed = try Scene(texts: ["all.csv": "filepath,label\na.jpg,1\n"])
    #expect(try DatasetDoctor.examine(FileList(), root: listed.root, split: nil).exitCode == 66)
    #expect(throws: EvalError.self) {
      try DatasetDoctor.examine(MNIST(), root: scene.root.appending(path: "none"), split: nil)
    }
  }

  /// Members of shards are looked at in place.
  @Test func shards() throws {
    let scene = try Scene(copies: ["imagenet/val/0.tar": "shards/0.tar"])
    let report = try DatasetDoctor.examine(ImageNet(), root: scene.root, split: "val")
    let split = try #require(report.splits.first)
    #expect(split.unrecognised.isEmpty && split.emptyClasses.count == 999)
    #expect(report.exitCode == 0)
  }

  @Test func unknownIsNullInJSON() throws {
    let scene = try Scene(images: ["x/a.jpg"])
    let report = try DatasetDoctor.examine(ImageFolder(), root: scene.root, split: nil)
    let json = try CanonicalJSON.string(report)
    #expect(json.contains(#""expected":null"#) && json.contains(#""variant":null"#))
    let decoded = try JSONDecoder().decode(DoctorReport.self, from: Data(json.utf8))
    #expect(decoded.splits.first?.expected == nil)
  }
}
