import Core
import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

/// UCF101's layouts (Tools/make-video-fixtures.py): frame i of a clip has luma 20 + 8·i.
@Suite struct UCF101Tests {
  private let root = fixtures.appending(path: "ucf101")

  private func classes(_ index: DatasetIndex) -> [String] {
    index.samples.map { index.classes[$0.label].id }
  }

  /// The number that a frame's pixels say.
  private func number(_ sample: DatasetSample) throws -> Int {
    let image = try ImageDecoder.decode(sample.source)
    let luma = 16 + Double(image.pixels[3 * (image.width + 1)]) * 219 / 255
    return Int(((luma - 20) / 8).rounded())
  }

  @Test func oneSplit() throws {
    let index = try UCF101().index(root: root, split: "test1")
    #expect(index.layout == "ucf101" && index.classes.count == 101)
    #expect(
      index.samples.map(\.id) == [
        "ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi",
        "ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c02.avi",
        "HandstandPushups/v_HandStandPushups_g01_c01.avi", "YoYo/v_YoYo_g07_c04.avi",
      ])
    #expect(
      classes(index) == ["ApplyEyeMakeup", "ApplyEyeMakeup", "HandstandPushups", "YoYo"])
    #expect(index.classes[index.samples[3].label].name == "Yo Yo")
    // The clips have 7, 8, 12 and 14 frames.
    #expect(try index.samples.map(number) == [3, 4, 6, 7])
    #expect(index.groups?.unit == "source groups" && index.groups?.numbers == [0, 0, 1, 2])
    #expect(index.folds == nil && index.clips == nil)
    #expect(index.isPartial && index.expectedCount == 3783)
    #expect(index.notes.isEmpty && index.ignoredFiles.isEmpty)
    #expect(try UCF101().index(root: root, split: "train").split == "train1")
    #expect(try UCF101().index(root: root, split: "train2").samples.count == 7)
    #expect(try UCF101().index(root: root, split: "all").samples.count == 9)
  }

  @Test("`test` joins the three test lists, and says which clip is of which")
  func joinedSplits() throws {
    let index = try UCF101().index(root: root, split: "test")
    #expect(index.samples.count == 8)
    let folds = try #require(index.folds)
    #expect(folds.unit == "splits" && folds.numbers == [0, 0, 1, 2, 0, 1, 0, 2])
    let groups = try #require(index.groups)
    #expect(groups.count == 7 && groups.firsts == [0, 2, 3, 4, 5, 6, 7])
    #expect(index.expectedCount == 11_213 && UCF101().info.defaultSplit == "test")
  }

  @Test("uniform:N makes N samples of a clip, and counts clips")
  func severalFrames() throws {
    let adapter = try UCF101().configured(["frames": "uniform:12"])
    let index = try adapter.index(root: root, split: "test1")
    #expect(index.samples.count == 48 && index.unitCount == 4)
    #expect(index.perClassCounts.reduce(0, +) == 4)
    #expect(
      index.samples.prefix(12).map(\.id)
        == (0..<12).map {
          "ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi#\($0 < 10 ? "0" : "")\($0)/12"
        })
    #expect(index.clips?.numbers == (0..<4).flatMap { [Int](repeating: $0, count: 12) })
    #expect(index.groups?.numbers.count == 48)
    // Of 12 frames, all; of 7, ⌊(2i+1)·7/24⌋.
    #expect(try index.samples[24..<36].map(number) == Array(0..<12))
    #expect(try index.samples[0..<12].map(number) == [0, 0, 1, 2, 2, 3, 3, 4, 4, 5, 6, 6])
    let limited = index.limited(to: 2)
    #expect(limited.samples.count == 24 && limited.unitCount == 2)
    #expect(limited.samples[12].id == "HandstandPushups/v_HandStandPushups_g01_c01.avi#00/12")
    #expect(limited.expectedCount == 3783 && limited.isPartial)
    #expect(throws: EvalError.self) { try UCF101().configured(["frames": "uniform:0"]) }
    #expect(throws: EvalError.self) { try UCF101().configured(["frames": "uniform:9999"]) }
    #expect(throws: EvalError.self) { try UCF101().configured(["frame": "middle"]) }
  }

  @Test("all clips in one folder, lists beside; spellings of the class's name")
  func flatFolder() throws {
    let lists = "ucf101/ucfTrainTestlist"
    let scene = try Scene(copies: [
      "ucf101/videos/v_ApplyEyeMakeup_g01_c01.avi":
        "ucf101/UCF-101/ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi",
      "ucf101/videos/v_HandstandPushups_g01_c01.avi":
        "ucf101/UCF-101/HandstandPushups/v_HandStandPushups_g01_c01.avi",
      "ucf101/ucfTrainTestlist/classInd.txt": "\(lists)/classInd.txt",
      "ucf101/ucfTrainTestlist/testlist01.txt": "\(lists)/testlist01.txt",
    ])
    let index = try UCF101().index(root: scene.root, split: "test1")
    #expect(
      index.samples.map { "\($0.id) \($0.byteCount != nil)" } == [
        "ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c02.avi false", "YoYo/v_YoYo_g07_c04.avi false",
        "v_ApplyEyeMakeup_g01_c01.avi true", "v_HandstandPushups_g01_c01.avi true",
      ])
    #expect(classes(index) == ["ApplyEyeMakeup", "YoYo", "ApplyEyeMakeup", "HandstandPushups"])
    #expect(
      index.notes == [
        "2 of 4 listed clips are not there, ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c02.avi the first; they count as failed"
      ])
    // The joined split needs all three lists.
    let error = try #require(throws: EvalError.self) {
      try UCF101().index(root: scene.root, split: "test")
    }
    #expect(error.kind == .notFound && error.message.contains("testlist02.txt"))
  }

  @Test("CoOp's middle frames, with its own split and the official lists")
  func midframes() throws {
    let frames = "ucf101/UCF-101-midframes"
    let scene = try Scene(
      images: [
        "\(frames)/Apply_Eye_Makeup/v_ApplyEyeMakeup_g01_c01.jpg",
        "\(frames)/Handstand_Pushups/v_HandStandPushups_g01_c01.jpg",
        "\(frames)/Yo_Yo/v_YoYo_g07_c04.jpg",
      ],
      texts: [
        "ucf101/split_zhou_UCF101.json":
          #"{"train": [], "val": [], "test": [["Handstand_Pushups/v_HandStandPushups_g01_c01.jpg", 36, "Handstand_Pushups"], ["Yo_Yo/v_YoYo_g07_c04.jpg", 100, "Yo_Yo"]]}"#
      ],
      copies: ["ucf101/ucfTrainTestlist/testlist01.txt": "ucf101/ucfTrainTestlist/testlist01.txt"])
    let coop = try UCF101().index(root: scene.root, split: "coop-test")
    #expect(coop.layout == "split_zhou" && classes(coop) == ["HandstandPushups", "YoYo"])
    #expect(coop.samples.allSatisfy { $0.byteCount == 646 })
    #expect(try ImageDecoder.decode(coop.samples[0].source).width > 0)
    let official = try UCF101().index(root: scene.root, split: "test1")
    #expect(official.layout == "ucf101-midframes" && official.samples.count == 4)
    #expect(
      official.samples.filter { $0.byteCount == nil }.map(\.id) == [
        "ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c02.avi"
      ])
    let error = try #require(throws: EvalError.self) {
      try UCF101(frames: .uniform(4)).index(root: scene.root, split: "coop-test")
    }
    #expect(error.kind == .usage && error.message.contains("needs the videos"))
  }

  @Test("lists with faults name file and line")
  func faultyLists() throws {
    func message(_ name: String, _ text: String, split: String) throws -> String {
      let scene = try Scene(
        texts: ["ucfTrainTestlist/\(name)": text],
        copies: [
          "UCF-101/YoYo/v_YoYo_g07_c04.avi": "ucf101/UCF-101/YoYo/v_YoYo_g07_c04.avi"
        ])
      if name != "classInd.txt" {
        try scene.write(
          Data(contentsOf: root.appending(path: "ucfTrainTestlist/classInd.txt")),
          to: "ucfTrainTestlist/classInd.txt")
      } else {
        try scene.write(Data("\n".utf8), to: "ucfTrainTestlist/testlist01.txt")
      }
      let error = try #require(throws: EvalError.self) {
        try UCF101().index(root: scene.root, split: split)
      }
      #expect(error.kind == .malformedData)
      return error.description
    }
    let clip = "YoYo/v_YoYo_g07_c04.avi"
    // 100 is WritingOnBoard, counted from 1; 100 from 0 would be YoYo.
    #expect(
      try message("trainlist01.txt", "\(clip) 100\n", split: "train1").contains(
        "trainlist01.txt:1: `\(clip)` has class 100"))
    #expect(
      try message("testlist01.txt", "\(clip)\n\n\(clip)\n", split: "test1").contains(
        "testlist01.txt:3: `\(clip)` is listed twice"))
    #expect(
      try message("testlist01.txt", "Archery/v_YoYo_g07_c04.avi\n", split: "test1").contains(
        "folder of another class"))
    #expect(
      try message("testlist01.txt", "YoYo/first.avi\n", split: "test1").contains(
        "expected `<Class>/v_"))
    #expect(
      try message("classInd.txt", "1 ApplyEyeMakeup\n2 Sleeping\n", split: "test1").contains(
        "classInd.txt:2"))
  }

  @Test("the doctor names missing, empty, cut, wrong and extra files")
  func doctor() throws {
    let video = "ucf101/UCF-101/YoYo/v_YoYo_g07_c04.avi"
    let lists = "ucf101/ucfTrainTestlist"
    let whole = try Data(contentsOf: fixtures.appending(path: video))
    let scene = try Scene(
      texts: [
        "UCF-101/ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi": "",
        "UCF-101/ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c02.avi": "not a video, but text",
        "UCF-101/YoYo/notes.txt": "x", "UCF-101/.DS_Store": "x",
        "UCF-101/__MACOSX/._x.avi": "x",
      ],
      copies: [
        "UCF-101/YoYo/v_YoYo_g25_c01.avi": video,
        "UCF-101/YoYo/v_YoYo_g07_c04.jpg": "tiny.jpg",
        "ucfTrainTestlist/classInd.txt": "\(lists)/classInd.txt",
        "ucfTrainTestlist/testlist01.txt": "\(lists)/testlist01.txt",
      ])
    try scene.write(whole.prefix(whole.count / 2), to: "UCF-101/YoYo/v_YoYo_g07_c04.avi")
    let report = try DatasetDoctor.examine(UCF101(), root: scene.root, split: "test1")
    let split = try #require(report.splits.first)
    #expect(split.missing == ["HandstandPushups/v_HandStandPushups_g01_c01.avi"])
    #expect(split.empty == ["ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c01.avi"])
    #expect(
      split.unrecognised == [
        "ApplyEyeMakeup/v_ApplyEyeMakeup_g01_c02.avi",
        "YoYo/v_YoYo_g07_c04.avi (the file is cut short)",
      ])
    #expect(
      split.ignored == [
        ".DS_Store", "YoYo/notes.txt", "YoYo/v_YoYo_g07_c04.jpg (another file of this clip)",
        "YoYo/v_YoYo_g25_c01.avi (in none of the lists)", "__MACOSX/",
      ])
    #expect(report.exitCode == 65)
    let good = try DatasetDoctor.examine(UCF101(), root: root, split: "test")
    #expect(good.exitCode == 0 && good.splits.first?.unrecognised == [])
  }

  @Test func options() throws {
    #expect(UCF101().options.map(\.name) == ["frames"])
    #expect(try DatasetRegistry.adapter(named: "ucf-101").info.id == "UCF101")
  }
}
