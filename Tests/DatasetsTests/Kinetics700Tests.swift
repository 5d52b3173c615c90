import Core
import Datasets
import Foundation
import Imaging
import TestSupport
import Testing

/// Kinetics' layouts (Tools/make-video-fixtures.py): frame i of a clip has luma 20 + 8·i.
@Suite struct Kinetics700Tests {
  private let flat = fixtures.appending(path: "kinetics700/flat")
  private let classes = [
    "abseiling", "massaging person's head", "passing American football (in game)", "zumba",
  ]

  private func number(_ sample: DatasetSample) throws -> Int {
    let image = try ImageDecoder.decode(sample.source)
    let luma = 16 + Double(image.pixels[3 * (image.width + 1)]) * 219 / 255
    return Int(((luma - 20) / 8).rounded())
  }

  private func named(_ index: DatasetIndex) -> [String: String] {
    Dictionary(
      uniqueKeysWithValues: index.samples.map {
        (index.classes[$0.label].id, "\($0.id) \($0.byteCount != nil)")
      })
  }

  @Test func classFolders() throws {
    let root = fixtures.appending(path: "kinetics700/folders")
    let index = try Kinetics700().index(root: root, split: "val")
    #expect(index.layout == "class-folders" && index.classes.count == 700)
    #expect(
      named(index) == [
        classes[0]: "val/abseiling/0347ZoDXyP0_000095_000105.mp4 true",
        classes[1]: "val/massaging person's head/-0d3XaR8-Qo_000005_000015.mp4 true",
        classes[2]: "val/passing American football (in game)/zzZZzzZZzz__000000_000010.mp4 true",
      ])
    // The clips have 6, 7 and 8 frames.
    #expect(try index.samples.map(number) == [3, 3, 4])
    #expect(index.groups?.unit == "videos" && index.groups?.count == 3)
    #expect(index.isPartial && index.expectedCount == 31_669 && index.notes.isEmpty)
    #expect(
      Kinetics700().info.metric == "mean-top1-top5" && Kinetics700().info.chance == 6.0 / 1400)
  }

  @Test("the publishers' table with files in one folder; clips that are gone are counted")
  func table() throws {
    let index = try Kinetics700().index(root: flat, split: "validate")
    #expect(index.layout == "table" && index.split == "val")
    #expect(
      named(index) == [
        classes[0]: "0347ZoDXyP0_000095_000105.mp4 true",
        classes[1]: "-0d3XaR8-Qo_000005_000015.mp4 true",
        classes[2]: "zzZZzzZZzz__000000_000010.mp4 true",
        classes[3]: "zumba/gone__VIDEO_000012_000022.mp4 false",
      ])
    #expect(
      index.notes == [
        "1 of 4 listed clips are not there, zumba/gone__VIDEO_000012_000022.mp4 the first; they count as failed"
      ])
    let present = index.samples.filter { $0.byteCount != nil }
    #expect(try present.map(number) == [3, 3, 4])
    let report = try DatasetDoctor.examine(Kinetics700(), root: flat, split: "val")
    #expect(report.splits.first?.missing == ["zumba/gone__VIDEO_000012_000022.mp4"])
    #expect(report.exitCode == 66)
    let several = try Kinetics700(frames: .uniform(2)).index(root: flat, split: "val")
    #expect(several.samples.count == 8 && several.unitCount == 4)
  }

  @Test("middle frames that somebody has taken out; folders with underscores; extra files")
  func extractedFrames() throws {
    let scene = try Scene(
      images: [
        "kinetics700/val/abseiling/0347ZoDXyP0_000095_000105.jpg",
        "kinetics700/val/massaging_persons_head/-0d3XaR8-Qo_000005_000015.jpg",
        "kinetics700/val/abseiling/extra_video_000001_000011.jpg",
      ],
      texts: ["kinetics700/val/abseiling/readme.txt": "x", "kinetics700/val/.DS_Store": "x"],
      copies: ["kinetics700/val.csv": "kinetics700/flat/validate.csv"])
    let index = try Kinetics700().index(root: scene.root, split: "val")
    #expect(index.samples.count == 4 && index.samples.count { $0.byteCount == 646 } == 2)
    #expect(
      index.ignoredFiles == [
        "val/.DS_Store", "val/abseiling/extra_video_000001_000011.jpg (not in val.csv)",
        "val/abseiling/readme.txt",
      ])
    let error = #expect(throws: EvalError.self) {
      try Kinetics700(frames: .uniform(2)).index(root: scene.root, split: "val")
    }
    #expect(error?.kind == .usage)
    #expect(throws: EvalError.self) { try Kinetics700().index(root: scene.root, split: "train") }
  }

  @Test("tables with faults name file and line")
  func faultyTables() throws {
    let header = "label,youtube_id,time_start,time_end,split"
    for (table, words) in [
      ("", "the table is empty"), ("a,b\n", "val.csv:1: expected the columns label"),
      ("\(header)\nabseiling,x,1\n", "val.csv:2: expected 5 fields, found 3"),
      ("\(header)\nabsailing,x,1,11,val\n", "val.csv:2: `absailing` is no class"),
      ("\(header)\nzumba,x,one,11,val\n", "whole seconds"),
      ("\(header)\nzumba,../x,1,11,val\n", "expected a video"),
      (
        "\(header)\nzumba,x,1,11,val\nyoga,x,1,11,val\n",
        "val.csv:3: the clip x_000001_000011 is listed"
      ),
      ("\(header)\r\nzumba,0347ZoDXyP0,95,105,val\r\n", "the table says zumba"),
    ] {
      let scene = try Scene(
        texts: ["val.csv": table],
        copies: [
          "val/abseiling/0347ZoDXyP0_000095_000105.mp4":
            "kinetics700/flat/0347ZoDXyP0_000095_000105.mp4"
        ])
      let error = #expect(throws: EvalError.self) {
        try Kinetics700().index(root: scene.root, split: "val")
      }
      #expect(error?.kind == .malformedData)
      #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }
    // Another dataset's table.
    let other = try Scene(texts: ["val.csv": "file,age\nval/1.jpg,3-9\n"])
    let error = #expect(throws: EvalError.self) {
      try Kinetics700().index(root: other.root, split: "val")
    }
    #expect(error?.kind == .notFound)
    // A byte-order mark, seconds with a point, other columns first.
    let scene = try Scene(
      texts: [
        "val.csv":
          "\u{feff}split,label,youtube_id,time_start,time_end\nval,abseiling,0347ZoDXyP0,95.0,105.0\n"
      ],
      copies: [
        "val/0347ZoDXyP0_000095_000105.mp4": "kinetics700/flat/0347ZoDXyP0_000095_000105.mp4"
      ])
    #expect(
      try Kinetics700().index(root: scene.root, split: "val").samples.map(\.id) == [
        "val/0347ZoDXyP0_000095_000105.mp4"
      ])
  }
}
