import Core
import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct CaptionDatasetTests {
  private let flickr = "captions/flickr30k"

  @Test func karpathysSplits() throws {
    let scene = try Scene(
      images: ["flickr30k/flickr30k-images/10002456.jpg"],
      copies: ["flickr30k/dataset_flickr30k.json": "\(flickr)/dataset_flickr30k.json"])
    let adapter = try DatasetRegistry.adapter(named: "flickr30k")
    let index = try adapter.index(root: scene.root, split: "test")
    #expect(index.dataset == "Flickr30k" && index.layout == "karpathy-json")
    // Three images: not the 1000 of the published split.
    #expect(index.variant == nil && index.expectedCount == 1000 && index.isPartial)
    #expect(index.samples.map(\.id) == ["10002456.jpg", "1000344755.jpg", "1000523639.jpg"])
    #expect(index.samples.map { $0.byteCount != nil } == [true, false, false])
    let captions = try #require(index.captions)
    #expect(
      captions.captions.map(\.sample) == [Int](repeating: 0, count: 5) + [1, 1, 1, 1, 1] + [
        2, 2, 2, 2, 2,
      ])
    #expect(captions.captions[1].text == "Someone looks at a fence , from behind .")
    #expect(captions.captions[12].text == "The guitar stands \"alone\" .")
    #expect(captions.expectedCount == nil && captions.repeatedCount == 0)
    #expect(index.notes == ["15 captions, 5 to 5 an image"])
    #expect(try adapter.index(root: scene.root, split: "train").samples.count == 2)
    #expect(try adapter.index(root: scene.root, split: "all").samples.count == 6)
  }

  @Test("the token file is the whole dataset and knows no splits")
  func tokenFile() throws {
    let scene = try Scene(
      images: ["flickr30k_images/1000092795.jpg"],
      copies: ["results_20130124.token": "\(flickr)/results_20130124.token"])
    let all = try CaptionDataset.flickr30k.index(root: scene.root, split: "all")
    #expect(all.layout == "flickr-token" && all.samples.count == 6)
    #expect(all.samples[0].byteCount != nil)
    #expect(all.captions?.captions[7].text == "The fence stands \"alone\" .")
    let error = #expect(throws: EvalError.self) {
      try CaptionDataset.flickr30k.index(root: scene.root, split: "test")
    }
    #expect(error?.kind == .notFound)
    #expect(error?.message.contains("results_20130124.token has no split test") == true)
    // Karpathy's file beside it is what splits are taken from.
    let json = try Data(contentsOf: fixtures.appending(path: "\(flickr)/dataset_flickr30k.json"))
    try scene.write(json, to: "karpathy/dataset_flickr30k.json")
    #expect(try CaptionDataset.flickr30k.index(root: scene.root, split: "test").samples.count == 3)
  }

  @Test(
    "COCO: restval is no part of train or val, and images with more than five captions keep them")
  func coco() throws {
    let scene = try Scene(
      images: ["coco/images/val2014/COCO_val2014_000000391895.jpg"],
      copies: ["coco/annotations/dataset_coco.json": "captions/coco/dataset_coco.json"])
    func index(_ split: String) throws -> DatasetIndex {
      try CaptionDataset.coco.index(root: scene.root, split: split)
    }
    let test = try index("test")
    #expect(test.samples[0].id == "val2014/COCO_val2014_000000391895.jpg")
    #expect(test.samples[0].byteCount != nil)
    let captions = try #require(test.captions)
    #expect(captions.counts(samples: 3) == [5, 7, 6])
    // The raw caption ends with a line break.
    #expect(captions.captions[0].text == "A bike in the grass .")
    #expect(try index("train").samples.count == 2)
    #expect(try index("restval").samples.count == 1)
    #expect(try index("train+restval").samples.count == 3)
    #expect(try index("val").samples.count == 1)
    // A name that is no split is not left out of those that are joined with it.
    let own = CaptionDataset(id: "own")
    let list = scene.root.appending(path: "coco/annotations/dataset_coco.json")
    #expect(try own.index(root: list, split: "train+restval").samples.count == 3)
    let error = #expect(throws: EvalError.self) { try own.index(root: list, split: "train+restvl") }
    #expect(error?.kind == .notFound)

    let five = test.limitingCaptions(perImage: 5)
    #expect(five.captions?.counts(samples: 3) == [5, 5, 5])
    #expect(five.captions?.limitPerImage == 5)
    #expect(five.captions?.captions.map(\.text).contains("A cake at night .") == false)
    #expect(five.captionsHash != test.captionsHash)
    // The images are the same: so is what finds their features.
    #expect(five.fingerprint == test.fingerprint)
  }

  @Test("--limit takes the captions of the images it takes")
  func limited() throws {
    let scene = try Scene(copies: [
      "coco/dataset_coco.json": "captions/coco/dataset_coco.json"
    ])
    let index = try CaptionDataset.coco.index(root: scene.root, split: "all")
    let limited = index.limited(to: 3)
    #expect(limited.samples.map(\.id) == [0, 2, 4].map { index.samples[$0].id })
    let captions = try #require(limited.captions)
    #expect(captions.captions.map(\.sample) == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2])
    #expect(captions.captions[5].text == "A table in the grass .")
    #expect(captions.expectedCount == 39 && limited.expectedCount == 123_287)
  }

  @Test func kagglesTable() throws {
    let scene = try Scene(
      images: ["mine/Images/1001773457_577c3a7d70.jpg"],
      copies: ["mine/captions.txt": "captions/flickr8k/captions.txt"])
    let index = try CaptionDataset(id: "mine").index(
      root: scene.root.appending(path: "mine"), split: "all")
    #expect(index.layout == "captions-csv" && index.dataset == "mine" && index.variant == nil)
    #expect(index.samples.map { $0.byteCount != nil } == [false, true])
    #expect(index.captions?.captions[1].text == "Someone looks at a girl , from behind .")
    #expect(index.captions?.captions[7].text == "The dog stands \"alone\" .")
    let error = #expect(throws: EvalError.self) {
      try CaptionDataset().index(root: scene.root.appending(path: "mine"), split: "test")
    }
    #expect(error?.message.contains("captions.txt has no split test") == true)
  }

  @Test("a table may name splits; captions of an image need not stand together")
  func splitColumn() throws {
    let scene = try Scene(texts: [
      "captions.csv":
        "filename,split,caption\na.jpg,test,one\nb.jpg,train,two\na.jpg,test,three\nc.jpg,test,one\n"
    ])
    let index = try CaptionDataset().index(root: scene.root, split: "test")
    #expect(index.samples.map(\.id) == ["a.jpg", "c.jpg"])
    #expect(index.captions?.captions.map(\.text) == ["one", "three", "one"])
    #expect(index.captions?.captions.map(\.sample) == [0, 0, 1])
    #expect(index.notes == ["3 captions, 1 to 2 an image; 1 repeat another's text"])
    #expect(try CaptionDataset().splits(root: scene.root) == ["test", "train", "all"])
  }

  @Test(arguments: [
    (
      "captions.csv", "filename,caption\na.jpg,a dog, running\n", ":2", "expected 2 fields, found 3"
    ),
    ("captions.csv", "filename,caption\na.jpg,\n", ":2", "a caption of `a.jpg` is empty"),
    ("captions.csv", "filename,label\na.jpg,1\n", ":1", "caption column"),
    ("x.token", "a.jpg#0\ta dog\na.jpg#1 a cat\n", ":2", "expected `image.jpg#number<tab>caption`"),
    ("x.token", "a.jpg#0\ta dog\na.jpg#0\ta cat\n", ":2", "listed twice"),
    ("dataset_x.json", "{\"images\": [{\"filename\": 1}]}", "", "at images.0.filename"),
    (
      "dataset_x.json",
      "{\"images\": [{\"filename\": \"a\", \"split\": \"all\", \"sentences\": []}]}",
      "entry 0", "has no caption"
    ),
    (
      "dataset_x.json",
      "{\"images\": [{\"filename\": \"a\", \"split\": \"x\", \"sentences\": [{\"raw\": \"x\"}]}, {\"filename\": \"a\", \"split\": \"y\", \"sentences\": [{\"raw\": \"y\"}]}]}",
      "entry 1", "is listed twice"
    ),
  ]) func errorsNameThePlace(file: String, text: String, place: String, message: String) throws {
    let scene = try Scene(texts: [file: text])
    let error = #expect(throws: EvalError.self) {
      try CaptionDataset().index(root: scene.root, split: "all")
    }
    #expect(error?.kind == .malformedData)
    #expect(error?.message.contains(message) == true, "\(error?.description ?? "")")
    #expect(error?.subject?.hasSuffix(place) == true, "\(error?.subject ?? "")")
    #expect(error?.subject?.contains(file) == true)
  }

  @Test func twoListsAreAmbiguous() throws {
    let empty = "{\"images\": []}"
    let scene = try Scene(texts: ["dataset_a.json": empty, "dataset_b.json": empty])
    let error = #expect(throws: EvalError.self) {
      try CaptionDataset().index(root: scene.root, split: "test")
    }
    #expect(error?.message.contains("dataset_a.json and dataset_b.json") == true)
  }

  @Test("captions and classes are not taken for each other")
  func kinds() throws {
    let scene = try Scene(
      images: ["x/cat/a.jpg"],
      copies: ["flickr30k/dataset_flickr30k.json": "\(flickr)/dataset_flickr30k.json"])
    let captions = try CaptionDataset.flickr30k.index(root: scene.root, split: "val")
    let classes = try ImageFolder().index(root: scene.root.appending(path: "x"), split: "all")
    #expect(throws: EvalError.self) { try captions.requireClasses() }
    #expect(throws: EvalError.self) { try classes.requireCaptions() }
    try classes.requireClasses()
    #expect(try captions.requireCaptions().captions.count == 5)
  }

  @Test func doctorCountsCaptions() throws {
    let scene = try Scene(
      images: ["coco/val2014/COCO_val2014_000000391895.jpg"],
      copies: ["coco/dataset_coco.json": "captions/coco/dataset_coco.json"])
    let report = try DatasetDoctor.examine(CaptionDataset.coco, root: scene.root, split: "test")
    let split = try #require(report.splits.first)
    #expect(split.captions == 18 && split.classes == 0 && split.samples == 3)
    #expect(split.missing.count == 2 && report.exitCode == 66)
  }

  @Test("CLIP_benchmark's lists of Karpathy's splits, and Kaggle's table of Flickr30k")
  func flickrLists() throws {
    let scene = try Scene(
      images: ["flickr30k/1.jpg"],
      texts: [
        "flickr30k/flickr30k_test_karpathy.txt":
          "image,caption\r\n1.jpg,A dog, and a .jpg, too .\r\n2.jpg,\"He says \"\"no, no\"\" .\"\r\n1.jpg,A second one .\r\n",
        "kaggle/flickr30k_images/results.csv":
          "image_name| comment_number| comment\n3.jpg| 0| Two men | women .\n3.jpg| 1   A dog runs across the grass .\n",
      ])
    try scene.write(Data(), to: "kaggle/flickr30k_images/flickr30k_images/3.jpg")
    let test = try CaptionDataset.flickr30k.index(root: scene.root, split: "test")
    #expect(test.layout == "karpathy-lines" && test.samples.map(\.id) == ["1.jpg", "2.jpg"])
    #expect(test.samples.map { $0.byteCount != nil } == [true, false])
    #expect(
      test.captions?.captions.map(\.text) == [
        "A dog, and a .jpg, too .", "A second one .", "He says \"no, no\" .",
      ])
    let error = #expect(throws: EvalError.self) {
      try CaptionDataset.flickr30k.index(root: scene.root, split: "val")
    }
    #expect(error?.kind == .notFound)

    let all = try CaptionDataset.flickr30k.index(
      root: scene.root.appending(path: "kaggle"), split: "all")
    #expect(all.layout == "flickr-csv" && all.samples.map(\.byteCount) == [0])
    // The line without its second bar is one of the copy that circulates.
    #expect(
      all.captions?.captions.map(\.text) == ["Two men | women .", "A dog runs across the grass ."])
    for (table, message) in [
      ("image|caption\n", "image_name| comment_number| comment"),
      ("image_name| comment_number| comment\n3.jpg|x| y\n", "image.jpg| number| caption"),
      ("image_name| comment_number| comment\n3.jpg| 0| a\n3.jpg| 0| b\n", "listed twice"),
    ] {
      let scene = try Scene(texts: ["results.csv": table])
      let error = #expect(throws: EvalError.self) {
        try CaptionDataset.flickr30k.index(root: scene.root, split: "all")
      }
      #expect(error?.kind == .malformedData && error?.message.contains(message) == true)
      #expect(error?.subject?.contains("results.csv:") == true)
    }
    // A table of results has no bars: a run's is no list of captions.
    let run = try Scene(texts: ["results.csv": "schemaVersion,experiment\n"])
    let missing = #expect(throws: EvalError.self) {
      try CaptionDataset.flickr30k.index(root: run.root, split: "all")
    }
    #expect(missing?.kind == .notFound)
  }

  @Test("COCO's own annotations, and CLIP_benchmark's in their form")
  func cocosOwnForm() throws {
    let json = """
      {"images": [{"id": 9, "file_name": "COCO_val2014_000000000009.jpg"}, {"id": 4, "file_name": "COCO_val2014_000000000004.jpg"}],
       "annotations": [{"image_id": 4, "id": 1, "caption": "Four."}, {"image_id": 9, "id": 2, "caption": "Nine.\\n"},
        {"image_id": 4, "id": 3, "caption": "And four."}]}
      """
    let scene = try Scene(
      images: ["val2014/COCO_val2014_000000000004.jpg"],
      texts: ["coco_test_karpathy.json": json, "annotations/captions_val2014.json": json])
    for split in ["test", "val2014"] {
      let index = try CaptionDataset.coco.index(root: scene.root, split: split)
      #expect(index.layout == "coco-json" && index.isPartial)
      // As Karpathy's file calls them.
      #expect(
        index.samples.map(\.id) == [
          "val2014/COCO_val2014_000000000009.jpg", "val2014/COCO_val2014_000000000004.jpg",
        ])
      #expect(index.samples.map { $0.byteCount != nil } == [false, true])
      #expect(index.captions?.captions.map(\.text) == ["Nine.", "Four.", "And four."])
    }
    #expect(throws: EvalError.self) {
      try CaptionDataset.coco.index(root: scene.root, split: "val")
    }
    for (broken, message) in [
      (json.replacing("\"image_id\": 9", with: "\"image_id\": 8"), "an image 8"),
      (json.replacing("\"id\": 9", with: "\"id\": 4"), "a second image with the id 4"),
      ("{\"images\": []}", "annotations"),
    ] {
      try scene.write(Data(broken.utf8), to: "coco_test_karpathy.json")
      let error = #expect(throws: EvalError.self) {
        try CaptionDataset.coco.index(root: scene.root, split: "test")
      }
      #expect(error?.kind == .malformedData && error?.message.contains(message) == true)
    }
  }
}
