import Core
import Datasets
import Foundation
import TestSupport
import Testing

/// What has made numbers silently wrong elsewhere: each is an exact error, or told.
@Suite struct FolderTrapTests {
  /// A copy of a fixture layout that a test may spoil.
  private func copy(_ path: String) throws -> Scene {
    let scene = try Scene()
    try FileManager.default.copyItem(
      at: fixtures.appending(path: path), to: scene.root.appending(path: "data"))
    return scene
  }

  private func index(_ name: String, _ scene: Scene, _ split: String) throws -> DatasetIndex {
    try DatasetRegistry.adapter(named: name)
      .index(root: scene.root.appending(path: "data"), split: split)
  }

  private func failure(_ name: String, _ scene: Scene, _ split: String) -> EvalError? {
    #expect(throws: EvalError.self) { try index(name, scene, split) }
  }

  private func remove(_ scene: Scene, _ path: String) throws {
    try FileManager.default.removeItem(at: scene.root.appending(path: "data/\(path)"))
  }

  private func move(_ scene: Scene, _ path: String, to other: String) throws {
    try FileManager.default.moveItem(
      at: scene.root.appending(path: "data/\(path)"),
      to: scene.root.appending(path: "data/\(other)"))
  }

  private func write(_ scene: Scene, _ text: String, to path: String) throws {
    try scene.write(Data(text.utf8), to: "data/\(path)")
  }

  // MARK: Stanford Cars

  @Test func carsRenamed() throws {
    let scene = try copy("StanfordCars/torchvision")
    let folder = "stanford_cars/cars_test"
    try move(scene, "\(folder)/00002.jpg", to: "\(folder)/acura_2.jpg")
    let error = failure("StanfordCars", scene, "test")
    #expect(error?.kind == .malformedData && error?.message.contains("renamed") == true)
    #expect(error?.message.contains("1 of 4 annotated images are absent") == true)
    // Absent alone, it is an image that is missing.
    try remove(scene, "\(folder)/acura_2.jpg")
    let partial = try index("StanfordCars", scene, "test")
    #expect(partial.samples.map { $0.byteCount == nil } == [false, true, false, false])
    // Another one alone is told.
    let other = try copy("StanfordCars/torchvision")
    try write(other, "x", to: "\(folder)/00009.jpg")
    #expect(try index("StanfordCars", other, "test").ignoredFiles == ["cars_test/00009.jpg"])
  }

  @Test func carsWithoutLabels() throws {
    let scene = try copy("StanfordCars/torchvision")
    try remove(scene, "stanford_cars/cars_test_annos_withlabels.mat")
    let error = failure("StanfordCars", scene, "test")
    #expect(error?.kind == .notFound && error?.message.contains("no classes") == true)
    #expect(error?.subject?.hasSuffix("devkit/cars_test_annos.mat") == true)
    // The same under the other name.
    try move(
      scene, "stanford_cars/devkit/cars_test_annos.mat",
      to: "stanford_cars/cars_test_annos_withlabels.mat")
    let renamed = failure("StanfordCars", scene, "test")
    #expect(renamed?.message.contains("annotations without labels") == true)
    #expect(renamed?.subject?.hasSuffix("annotation 1") == true)
  }

  @Test func carsOfAnotherDevkit() throws {
    let scene = try copy("StanfordCars/torchvision")
    let meta = "stanford_cars/devkit/cars_meta.mat"
    try remove(scene, meta)
    // Without it the known order holds.
    #expect(try index("StanfordCars", scene, "train").samples[1].label == 0)
    try FileManager.default.copyItem(
      at: fixtures.appending(path: "mat/v5.mat"),
      to: scene.root.appending(path: "data/\(meta)"))
    let error = failure("StanfordCars", scene, "train")
    #expect(error?.message == "class 3, `é`, is none of Stanford Cars'")
  }

  // MARK: GTSRB

  @Test func signsWithoutLabels() throws {
    let scene = try copy("GTSRB/torchvision")
    try remove(scene, "gtsrb/GT-final_test.csv")
    let error = failure("GTSRB", scene, "test")
    #expect(error?.kind == .malformedData && error?.message.contains("no column ClassId") == true)
    #expect(error?.subject?.hasSuffix("GT-final_test.test.csv:1") == true)
    #expect(error?.remedy?.contains("GTSRB_Final_Test_GT.zip") == true)
  }

  @Test func signsInTheWrongFolder() throws {
    let scene = try copy("GTSRB/final")
    let folder = "GTSRB/Final_Training/Images"
    try remove(scene, "\(folder)/00010/00000_00001.ppm")
    try write(scene, "P6 1 1 255\nabc", to: "\(folder)/00042/00001_00000.ppm")
    let index = try index("GTSRB", scene, "train")
    #expect(index.samples.count == 8)
    #expect(
      index.samples.filter { $0.byteCount == nil }.map(\.id) == [
        "Final_Training/Images/00010/00000_00001.ppm"
      ])
    #expect(index.ignoredFiles == ["Final_Training/Images/00042/00001_00000.ppm"])
    try write(
      scene,
      "Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId\n00000_00000.ppm;8;8;1;1;7;7;3\n",
      to: "\(folder)/00002/GT-00002.csv")
    let error = failure("GTSRB", scene, "train")
    #expect(error?.message == "expected class 2, that of the folder, found 3")
    #expect(error?.subject?.hasSuffix("GT-00002.csv:2") == true)
  }

  @Test func signsKnowTheirVariants() throws {
    let train = try GTSRB().info.split(named: "train")
    #expect(train.variants.first { $0.matches(counts: [26_640]) }?.name.contains("paper") == true)
    #expect(train.variants.first { $0.matches(counts: [39_209]) }?.name == "final training set")
  }

  // MARK: FER-2013

  @Test(
    arguments: [
      ("emotion,pixels,Usage\n7,1 2,Training\n", "expected an emotion 0…6, found `7`", ":2"),
      ("emotion,pixels,Usage\n0,1 2,Training\n", "expected 2304 pixels, found 2", ":2"),
      ("emotion,pixels,Usage\n0,1 2,Test\n", "expected Training, PublicTest", ":2"),
      ("emotion,pixels,Usage\n0,1 300,Training\n", "expected pixels 0…255, found 300", ":2"),
      ("emotion,pixels,Usage\n0,1 x,Training\n", "expected pixels as numbers", ":2"),
      ("emotion,pixels,Usage\r\n\r\n0,1\r\n", "expected 3 fields, found 2", ":3"),
      ("a,b\n", "expected a header with emotion, pixels and Usage", ":1"),
      ("emotion,pixels,Usage\n", "holds no images of the split train", ""),
    ])
  func brokenTables(text: String, message: String, place: String) throws {
    let scene = try Scene(texts: ["data/fer2013/fer2013.csv": text])
    let error = failure("FER2013", scene, "train")
    #expect(error?.kind == .malformedData && error?.message.contains(message) == true)
    #expect(error?.subject?.hasSuffix("fer2013.csv" + place) == true)
  }

  @Test func competitionTestHasNoLabels() throws {
    let scene = try Scene(texts: ["data/fer2013/test.csv": "pixels\n1 2 3\n"])
    #expect(failure("FER2013", scene, "test")?.message.contains("no column emotion") == true)
  }

  /// 3924 images of disgust where there are 436; here one more than there are.
  @Test func alteredCopies() throws {
    let scene = try Scene(images: ["data/train/angry/1.jpg"])
    for image in 0..<437 { try write(scene, "", to: "train/disgust/\(image).jpg") }
    let index = try index("FER2013", scene, "train")
    #expect(
      index.notes.last
        == "437 images of disgust, of which FER-2013 has 436: a copy with altered images added")
    #expect(index.isPartial && index.expectedCount == 28_709)
    try write(scene, "", to: "val/disgust/x.jpg")
    for image in 437..<492 { try write(scene, "", to: "train/disgust/\(image).jpg") }
    let both = try self.index("FER2013", scene, "trainval")
    #expect(
      both.notes.contains { $0.hasPrefix("493 images of disgust, of which FER-2013 has 492") })
  }

  /// Lists, records and class folders in which there is nothing are no split of no images.
  @Test(
    arguments: [
      ("CIFAR10", "test", ["test_batch.bin": ""]),
      ("Food101", "test", ["meta/test.json": "{}", "images/apple_pie/1.jpg": ""]),
      (
        "Food101", "coop-test",
        [
          "split_zhou_Food101.json": #"{"train": [], "val": [], "test": []}"#,
          "images/apple_pie/1.jpg": "",
        ]
      ),
      ("OxfordPets", "test", ["annotations/test.txt": "# nothing\n", "images/x.mat": ""]),
      ("CLEVRCounts", "val", ["scenes/CLEVR_val_scenes.json": #"{"scenes": []}"#]),
      ("Country211", "test", ["test/US/README": ""]),
    ]) func emptySplits(name: String, split: String, texts: [String: String]) throws
  {
    let scene = try Scene()
    for (path, text) in texts { try write(scene, text, to: path) }
    let error = failure(name, scene, split)
    #expect(error?.kind == .malformedData && error?.subject == name)
    #expect(error?.message.hasSuffix("no sample of the split \(split) in it") == true)
    let report = try DatasetDoctor.examine(
      DatasetRegistry.adapter(named: name), root: scene.root.appending(path: "data"), split: split)
    #expect(report.exitCode == 65)
  }

  // MARK: Lists

  @Test func aircraft() throws {
    let scene = try copy("FGVCAircraft/torchvision")
    let folder = "fgvc-aircraft-2013b/data"
    try write(scene, "1025794 707-320\n0034309 F-18\n", to: "\(folder)/images_variant_train.txt")
    let error = failure("FGVCAircraft", scene, "train")
    #expect(error?.message == "`F-18` is none of the 100 classes")
    #expect(error?.subject?.hasSuffix("images_variant_train.txt:2") == true)
    try write(scene, "1025794\n", to: "\(folder)/images_variant_train.txt")
    #expect(failure("FGVCAircraft", scene, "train")?.message.contains("<image> <variant>") == true)
    try write(scene, "707-320\n", to: "\(folder)/variants.txt")
    let short = failure("FGVCAircraft", scene, "test")
    #expect(short?.message == "expected the 100 variants, found 1")
  }

  @Test func partitions() throws {
    let scene = try copy("DTD/torchvision")
    let error = #expect(throws: EvalError.self) {
      try DatasetRegistry.adapter(named: "DTD").configured(["partition": "11"])
    }
    #expect(error?.kind == .usage)
    try remove(scene, "dtd/dtd/labels/val1.txt")
    let half = failure("DTD", scene, "trainval")
    #expect(half?.kind == .notFound && half?.message.contains("found train, but not val") == true)
    try write(scene, "banded/banded_0002.jpg\n", to: "dtd/dtd/labels/val1.txt")
    #expect(failure("DTD", scene, "trainval")?.message.contains("more than one of") == true)
    try write(scene, "\n", to: "dtd/dtd/labels/val1.txt")
    #expect(failure("DTD", scene, "val")?.message == "the list holds no images")
  }

  @Test func flowers() throws {
    let scene = try copy("Flowers102/torchvision")
    try write(
      scene, #"{"train": [], "val": [], "test": [["image_00003.jpg", 10, "snapdragon"]]}"#,
      to: "flowers-102/split_zhou_OxfordFlowers.json")
    #expect(
      failure("Flowers102", scene, "coop-test")?.message
        == "`image_00003.jpg` has class 11 here and another one in imagelabels.mat")
    for number in [-1, 102, Int.max, Int.min] {
      let list = #"{"train": [["image_00001.jpg", \#(number), "x"]], "val": [], "test": []}"#
      try write(scene, list, to: "flowers-102/split_zhou_OxfordFlowers.json")
      let error = failure("Flowers102", scene, "coop-train")
      #expect(error?.kind == .malformedData)
      #expect(
        error?.message == "expected a class 0…101 of `image_00001.jpg`, found \(number)")
    }
    // The challenge's test images as one copy has them.
    let flat = try Scene(images: ["data/flower_data/test/image_00005.jpg"])
    #expect(failure("Flowers102", flat, "test")?.message.contains("no labels") == true)
  }

  @Test func scenes() throws {
    let scene = try copy("SUN397/torchvision")
    try write(scene, "/a/abbey/sun_a0aaaaaa.jpg\n/a/abbeys/x.jpg\n", to: "SUN397/Training_01.txt")
    let error = failure("SUN397", scene, "train")
    #expect(error?.message == "`abbeys` is none of the 397 classes")
    #expect(error?.subject?.hasSuffix("Training_01.txt:2") == true)
    try write(scene, "", to: "SUN397/z/zoo/sun_b.jpg")
    #expect(failure("SUN397", scene, "all")?.message.contains("`z/zoo/sun_b.jpg`") == true)
  }

  @Test func birdsShrink() throws {
    let scene = try copy("Birdsnap/archive")
    try remove(scene, "birdsnap/download/images/Acadian_Flycatcher/100.jpg")
    let index = try index("Birdsnap", scene, "test")
    #expect(index.samples.count == 2 && index.samples.allSatisfy { $0.byteCount != nil })
    #expect(
      index.notes.last?.hasPrefix("1 of 3 listed images are absent, download/images/") == true)
    // A smaller copy is a partial one, and what is left of it can be used.
    let report = try DatasetDoctor.examine(
      DatasetRegistry.adapter(named: "Birdsnap"), root: scene.root.appending(path: "data"),
      split: "test")
    #expect(report.exitCode == 0 && report.splits.first?.partial == true)
    #expect(report.splits.first?.expected == 2443)
    try remove(scene, "birdsnap/download/images")
    try write(scene, "", to: "birdsnap/download/images/Acadian_Flycatcher/0.jpg")
    let none = failure("Birdsnap", scene, "test")
    #expect(none?.kind == .notFound && none?.message.hasPrefix("none of the 3 listed") == true)
    try remove(scene, "birdsnap/test_images.txt")
    #expect(failure("Birdsnap", scene, "train")?.kind == .notFound)
    try write(scene, "file\n", to: "birdsnap/test_images.txt")
    #expect(failure("Birdsnap", scene, "test")?.message.contains("column `path`") == true)
  }

  @Test func countries() throws {
    let scene = try copy("Country211/torchvision")
    let index = try index("Country211", scene, "test")
    #expect(index.classes.count == 211 && index.classes.last?.id == "ZW")
    #expect(index.classes.first { $0.id == "XK" }?.name == "Kosovo")
    #expect(index.notes.first?.hasPrefix("208 class folders are absent from test: AE, ") == true)
    try write(scene, "", to: "country211/test/UK/1.jpg")
    #expect(
      failure("Country211", scene, "test")?.message == "1 folder is no class of Country211: UK")
  }

  @Test func oneClassInTwoFolders() throws {
    let scene = try copy("GTSRB/kaggle")
    try write(scene, "", to: "Train/00002/1.png")
    #expect(failure("GTSRB", scene, "train")?.message == "`00002` and `2` are the same class")
  }

  // MARK: The doctor

  @Test func doctorOfListedImages() throws {
    let scene = try copy("Food101/torchvision")
    let images = "food-101/images"
    try remove(scene, "\(images)/apple_pie/1034399.jpg")
    try write(scene, "", to: "\(images)/creme_brulee/1034400.jpg")
    try write(scene, "no image", to: "\(images)/waffles/1034401.jpg")
    try write(scene, "x", to: "\(images)/waffles/extra.jpg")
    try write(scene, "apple_pie/1005649\napple_pi/98\n", to: "food-101/meta/train.txt")
    let report = try DatasetDoctor.examine(
      Food101(), root: scene.root.appending(path: "data"), split: nil)
    let test = try #require(report.splits.first { $0.split == "test" })
    #expect(test.missing == ["images/apple_pie/1034399.jpg"])
    #expect(test.empty == ["images/creme_brulee/1034400.jpg"])
    #expect(test.unrecognised == ["images/waffles/1034401.jpg"])
    #expect(test.ignored.contains("images/waffles/extra.jpg"))
    // The list is short, and says so.
    #expect(test.partial && test.expected == 25_250 && test.samples == 3)
    let train = try #require(report.failures.first { $0.split == "train" })
    #expect(train.kind == "malformed" && train.message.contains("train.txt:2"))
    #expect(train.message.contains("`apple_pi` is none of the 101 classes"))
    #expect(report.exitCode == 65)
  }

  @Test func doctorOfFolders() throws {
    let scene = try copy("RenderedSST2/torchvision")
    let folder = "rendered-sst2/test"
    try remove(scene, "\(folder)/negative")
    try write(scene, "", to: "\(folder)/positive/1.png")
    try FileManager.default.copyItem(
      at: fixtures.appending(path: "tiny.jpg"),
      to: scene.root.appending(path: "data/\(folder)/positive/3.png"))
    try write(scene, "x", to: "\(folder)/positive/notes.txt")
    let report = try DatasetDoctor.examine(
      SplitFolders.renderedSST2, root: scene.root.appending(path: "data"), split: "test")
    let test = try #require(report.splits.first)
    #expect(test.emptyClasses == ["negative"] && test.samples == 4 && test.partial)
    #expect(test.empty == ["test/positive/1.png"])
    #expect(test.misnamed == ["test/positive/3.png"])
    #expect(test.ignored == ["test/positive/notes.txt"])
    #expect(test.notes == ["1 class folder is absent from test: negative"])
  }
}
