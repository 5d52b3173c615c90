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

  @Test func namesImagesInAWrongFolder() throws {
    let scene = try Scene(images: [
      "2750/River/River_1.jpg", "2750/River/Forest_7.jpg", "2750/Forest/Forest_1.jpg",
      "2750/Forest/a_1.jpg",
    ])
    let report = try DatasetDoctor.examine(EuroSAT(), root: scene.root, split: "all")
    let split = try #require(report.splits.first)
    #expect(split.misplaced.map(\.id) == ["River/Forest_7.jpg"])
    #expect(split.misplaced.map(\.name) == ["Forest"])
    #expect(split.remedies.contains { $0.hasPrefix("1 image is named like the images of another") })
    // Data of one's own may be called as they like.
    let own = try DatasetDoctor.examine(
      ImageFolder(), root: scene.root.appending(path: "2750"), split: "all")
    #expect(own.splits.first?.misplaced == [])
  }

  /// Every format that is decoded is an image to the indexer and the doctor, under each of its usual endings.
  @Test func knowsTheFormatsThatAreDecoded() throws {
    let endings = [
      "lossy-51x37.webp": ["webp"], "palette-47x35.gif": ["gif"], "rgb-41x30.bmp": ["bmp"],
      "strips-50x41.tif": ["tif", "TIFF"], "grey-16bit-big-endian-31x26.tif": ["tif"],
      "big-tiff-24x19.tif": ["tiff"], "binary-19x11.pbm": ["pbm", "pnm"],
      "plain-17x13.pgm": ["pgm"], "rgb-20x30.ppm": ["ppm", "pnm"], "rgb-23x18.npy": ["npy"],
    ]
    let scene = try Scene()
    for (file, names) in endings {
      let data = try readFile(TestPaths.fixtures.appending(path: "imaging/\(file)"))
      for ending in names { try scene.write(data, to: "x/\(file).\(ending)") }
    }
    let gif = try readFile(TestPaths.fixtures.appending(path: "imaging/gif-called.jpg"))
    try scene.write(gif, to: "y/a.jpg")
    let report = try DatasetDoctor.examine(ImageFolder(), root: scene.root, split: nil)
    let split = try #require(report.splits.first)
    #expect(split.samples == endings.values.joined().count + 1)
    #expect(split.misnamed == ["y/a.jpg"])
    #expect(split.unrecognised == [] && split.ignored == [])
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
