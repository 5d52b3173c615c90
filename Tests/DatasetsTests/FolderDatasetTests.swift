import Core
import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct FolderDatasetTests {
  @Test func petsJoinByPrefix() throws {
    let scene = try Scene(
      images: [
        "oxford-iiit-pet/images/Abyssinian_1.jpg", "oxford-iiit-pet/images/beagle_7.jpg",
        "oxford-iiit-pet/images/american_bulldog_2.jpg",
      ],
      texts: [
        "oxford-iiit-pet/annotations/test.txt":
          "# Image CLASS-ID SPECIES BREED\nbeagle_7 5 2 4\namerican_bulldog_2 2 2 1\n"
          + "Abyssinian_1 1 1 1\nAbyssinian_2 1 1 1\n",
        "oxford-iiit-pet/images/Abyssinian_101.mat": "",
      ])
    let index = try OxfordPets().index(root: scene.root, split: "test")
    #expect(
      index.samples.map(\.id) == [
        "images/Abyssinian_1.jpg", "images/Abyssinian_2.jpg", "images/american_bulldog_2.jpg",
        "images/beagle_7.jpg",
      ])
    // The file numbers american_bulldog 2, right after Abyssinian; by id it comes after all cats.
    #expect(index.samples.map { index.classes[$0.label].id }.last == "beagle")
    #expect(index.samples.map(\.label) == [0, 0, 12, 15])
    #expect(index.samples[1].byteCount == nil)
    #expect(index.ignoredFiles == ["images/Abyssinian_101.mat"])
    #expect(index.classes.count == 37 && index.isPartial)

    let wrong = "beagle_7 5 2 4\nbeagle_8 6 2 4\n"
    try scene.write(Data(wrong.utf8), to: "oxford-iiit-pet/annotations/trainval.txt")
    let error = #expect(throws: EvalError.self) {
      try OxfordPets().index(root: scene.root, split: "train")
    }
    #expect(error?.subject?.hasSuffix("annotations/trainval.txt:2") == true)
  }

  @Test func oneNameInTwoSpellings() throws {
    let scene = try Scene(images: ["caf\u{E9}/a.jpg", "cafe\u{301}/b.jpg", "tea/c.jpg"])
    let error = #expect(throws: EvalError.self) {
      try ImageFolder().index(root: scene.root, split: "all")
    }
    #expect(error?.kind == .malformedData)
    #expect(error?.message.contains("two class folders") == true)
  }

  @Test func caltechVariants() throws {
    let scene = try Scene(images: [
      "101_ObjectCategories/accordion/image_0001.jpg", "101_ObjectCategories/Faces/image_0001.jpg",
      "101_ObjectCategories/yin_yang/image_0001.jpg",
    ])
    let index = try Caltech101().index(root: scene.root, split: "all")
    #expect(index.classes.count == 100)  // neither BACKGROUND_Google nor Faces_easy
    #expect(
      index.samples.map(\.id) == [
        "Faces/image_0001.jpg", "accordion/image_0001.jpg", "yin_yang/image_0001.jpg",
      ])
    #expect(index.samples.map { index.classes[$0.label].id } == ["Faces", "accordion", "yin_yang"])
    #expect(index.notes.first?.hasPrefix("97 class folders are absent") == true)

    try scene.write(Data(), to: "101_ObjectCategories/background_google/image_0001.jpg")
    let background = try Caltech101().index(root: scene.root, split: "all")
    #expect(background.classes.count == 101 && background.classes[0].id == "BACKGROUND_Google")

    try scene.write(Data(), to: "101_ObjectCategories/zebra/image_0001.jpg")
    #expect(throws: EvalError.self) { try Caltech101().index(root: scene.root, split: "all") }
  }

  @Test func coopSplitsJoinByFolder() throws {
    let scene = try Scene(
      images: ["caltech-101/101_ObjectCategories/Faces/image_0001.jpg"],
      texts: [
        "caltech-101/split_zhou_Caltech101.json":
          #"{"train": [], "val": [], "test": [["Faces/image_0001.jpg", 55, "face"], ["yin_yang/image_0002.jpg", 3, "yin yang"]]}"#,
        "caltech-101/101_ObjectCategories/yin_yang/.DS_Store": "x",
      ])
    let index = try Caltech101().index(root: scene.root, split: "coop-test")
    #expect(index.samples.map { index.classes[$0.label].id } == ["Faces", "yin_yang"])
    #expect(index.samples.map { $0.byteCount != nil } == [true, false])
    #expect(index.expectedCount == 2465)
    try scene.write(
      Data(#"{"train": [], "val": [], "test": [[1]]}"#.utf8),
      to: "caltech-101/split_zhou_Caltech101.json")
    let error = #expect(throws: EvalError.self) {
      try Caltech101().index(root: scene.root, split: "coop-test")
    }
    #expect(error?.message.contains("test.0") == true)
  }

  @Test func pacsDomains() throws {
    let scene = try Scene(images: [
      "PACS/photo/dog/1.jpg", "PACS/sketch/person/2.png", "PACS/sketch/dog/10.png",
    ])
    let all = try DatasetRegistry.adapter(named: "PACS").index(root: scene.root, split: "all")
    #expect(
      all.samples.map(\.id) == ["photo/dog/1.jpg", "sketch/dog/10.png", "sketch/person/2.png"])
    #expect(all.notes == ["domain art_painting is absent", "domain cartoon is absent"])
    let sketch = try DatasetRegistry.adapter(named: "pacs-sketch")
      .index(root: scene.root, split: "all")
    #expect(sketch.samples.map(\.label) == [0, 6])
    #expect(sketch.expectedCount == 3929)
    let art = try DatasetRegistry.adapter(named: "PACS-art_painting")
    #expect(throws: EvalError.self) { try art.index(root: scene.root, split: "all") }
  }

  @Test func eurosatFoldersAndLists() throws {
    let scene = try Scene(
      images: ["eurosat/2750/River/River_1.jpg", "eurosat/2750/AnnualCrop/AnnualCrop_2.jpg"],
      texts: [
        "eurosat/test.csv":
          ",Filename,Label,ClassName\n0,River/River_1.jpg,8,River\n1,Forest/Forest_9.jpg,1,Forest\n",
        "eurosat/2750/eurosat-val.txt": "AnnualCrop_2.jpg\n",
      ])
    let all = try EuroSAT().index(root: scene.root, split: "all")
    #expect(all.samples.map(\.label) == [0, 8])
    #expect(all.notes.count == 8)
    let test = try EuroSAT().index(root: scene.root, split: "test")
    #expect(test.samples.map(\.id) == ["Forest/Forest_9.jpg", "River/River_1.jpg"])
    #expect(test.samples.map(\.label) == [1, 8])
    let val = try EuroSAT().index(root: scene.root, split: "valid")
    #expect(val.samples.map(\.id) == ["AnnualCrop/AnnualCrop_2.jpg"])
    #expect(throws: EvalError.self) { try EuroSAT().index(root: scene.root, split: "coop-test") }
    let half = #expect(throws: EvalError.self) {
      try EuroSAT().index(root: scene.root, split: "train+val")
    }
    #expect(half?.message == "found val, but not train, which belongs to this split")
    try scene.write(Data("River_1.jpg\n".utf8), to: "eurosat/2750/eurosat-train.txt")
    let both = try EuroSAT().index(root: scene.root, split: "trainval")
    #expect(both.samples.map(\.id) == ["AnnualCrop/AnnualCrop_2.jpg", "River/River_1.jpg"])
    try scene.write(Data("AnnualCrop_2.jpg\n".utf8), to: "eurosat/2750/eurosat-train.txt")
    let shared = #expect(throws: EvalError.self) {
      try EuroSAT().index(root: scene.root, split: "trainval")
    }
    #expect(shared?.message.contains("is in more than one of train, val") == true)
  }

  @Test func imageFolder() throws {
    let scene = try Scene(
      images: [
        "test/10/a.PNG", "test/2/b.JPG", "test/2/sub/c.jpeg", "test/2/._b.JPG", "train/2/d.jpg",
        "test/__MACOSX/2/b.jpg",
      ], texts: ["test/2/Thumbs.db": "x", "test/2/x.mat": "x"])
    let adapter = ImageFolder(id: "mine")
    let index = try adapter.index(root: scene.root, split: "test")
    #expect(index.dataset == "mine")
    #expect(index.classes.map(\.id) == ["2", "10"])
    #expect(index.samples.map(\.id) == ["test/10/a.PNG", "test/2/b.JPG", "test/2/sub/c.jpeg"])
    #expect(index.samples.map(\.label) == [1, 0, 0])
    #expect(
      index.ignoredFiles == [
        "test/2/._b.JPG", "test/2/Thumbs.db", "test/2/x.mat", "test/__MACOSX/",
      ])
    #expect(index.expectedCount == nil && !index.isPartial)
    #expect(try adapter.splits(root: scene.root) == ["test", "train"])
    #expect(throws: EvalError.self) { try adapter.index(root: scene.root, split: "all") }
    let flat = try adapter.index(root: scene.root.appending(path: "test"), split: "all")
    #expect(flat.samples.map(\.id) == ["10/a.PNG", "2/b.JPG", "2/sub/c.jpeg"])
  }

  /// Links to files and folders are followed, broken ones stay samples, and a loop ends.
  @Test func linksAreFollowed() throws {
    let scene = try Scene(images: ["store/a.jpg", "set/x/own.jpg"])
    let files = FileManager.default
    let set = scene.root.appending(path: "set")
    try files.createSymbolicLink(
      atPath: set.appending(path: "x/linked.jpg").path, withDestinationPath: "../../store/a.jpg")
    try files.createSymbolicLink(
      atPath: set.appending(path: "x/gone.jpg").path, withDestinationPath: "../../store/none.jpg")
    try files.createSymbolicLink(
      atPath: set.appending(path: "x/loop").path, withDestinationPath: "..")
    try files.createSymbolicLink(
      atPath: set.appending(path: "y").path, withDestinationPath: "../store")
    let index = try ImageFolder().index(root: set, split: "all")
    let ids = index.samples.map(\.id)
    #expect(ids.starts(with: ["x/gone.jpg", "x/linked.jpg"]))
    #expect(ids.contains("x/own.jpg") && ids.contains("y/a.jpg"))
    #expect(index.samples[0].byteCount == nil && index.samples[1].byteCount == 646)
    #expect(index.ignoredFiles.contains { $0.contains("a link to a folder around it") })
  }

  @Test func webDatasetFolder() throws {
    let scene = try Scene(
      texts: [
        "classnames.txt": "zero\none\ntwo\nthree\nfour\nfive\nsix\nseven\n",
        "test/nshards.txt": "3\n",
      ],
      copies: ["test/0.tar": "shards/0.tar", "test/2.tar": "shards/2.tar"])
    let index = try WebDatasetFolder().index(root: scene.root, split: "test")
    #expect(index.samples.map { index.classes[$0.label].name } == ["seven", "three"])
    #expect(index.notes == ["nshards.txt says 3 shards, found 2; absent: 1.tar"])
    try scene.write(Data("zero\none\n".utf8), to: "classnames.txt")
    let error = #expect(throws: EvalError.self) {
      try WebDatasetFolder().index(root: scene.root, split: "test")
    }
    #expect(error?.message.contains("found `7`") == true)
    #expect(error?.subject?.contains("byte 1024") == true)
  }
}
