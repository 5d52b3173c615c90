import Core
import Foundation
import Probes
import TestSupport
import Testing

struct FewShotFilesTests {
  let folder = TestPaths.fixtures.appending(path: "few-shot")
  let strata: ClassStrata

  init() throws { strata = try FewShotSamplerTests.Draws.read().strata() }

  private func splitFile() throws -> (file: FewShotSplitFile, split: FewShotSplit) {
    let split = try FewShotSampler(strata, subject: "fruit").split(shots: 2, seed: 1)
    return (
      try FewShotSplitFile(split, dataset: "Fruit", trainName: "train", strata: strata), split
    )
  }

  @Test("a split file has the bytes and the hash that Python writes")
  func bytes() throws {
    let (file, _) = try splitFile()
    #expect(try file.bytes() == Data(contentsOf: folder.appending(path: "split.json")))
    let temporary = try TemporaryFolder()
    let hash = try file.write(to: temporary.url.appending(path: "s.json"))
    let expected = try String(contentsOf: folder.appending(path: "split.sha256"), encoding: .utf8)
    #expect(hash.hex + "\n" == expected)
  }

  @Test("a split file read back gives the same rows, also in another order of rows")
  func readsBack() throws {
    let (file, split) = try splitFile()
    let read = try FewShotSplitFile.read(folder.appending(path: "split.json"))
    #expect(read.file == file)
    #expect(try read.file.split(in: strata, subject: "split.json") == split)
    let reversed = try ClassStrata(
      ids: strata.ids.reversed(), labels: strata.labels.reversed(), classIDs: strata.classIDs,
      subject: "fruit")
    let again = try read.file.split(in: reversed, subject: "split.json")
    #expect(again.trainRows.map { reversed.ids[$0] } == split.trainRows.map { strata.ids[$0] })
  }

  @Test("validation examples of the official split are read back from it")
  func officialValidation() throws {
    let official = try ClassStrata(
      ids: strata.classIDs.map { "val/\($0)" }, labels: Array(strata.classIDs.indices),
      classIDs: strata.classIDs, subject: "val")
    let split = try FewShotSampler(strata, subject: "fruit").split(
      shots: 2, seed: 1, validation: .split(official))
    let file = try FewShotSplitFile(
      split, dataset: "Fruit", trainName: "train", strata: strata, validation: ("val", official))
    #expect(file.validation?.name == "val")
    #expect(try file.split(in: strata, validation: official, subject: "s") == split)
    let missing = #expect(throws: EvalError.self) { try file.split(in: strata, subject: "s") }
    #expect(missing?.message.contains("`val`") == true)
  }

  @Test(
    "a file of another copy, and samples that are unknown, doubled or of another class, are refused"
  )
  func hostileFiles() throws {
    let (file, _) = try splitFile()
    let other = try ClassStrata(
      ids: strata.ids.map { $0 + "x" }, labels: strata.labels, classIDs: strata.classIDs,
      subject: "fruit")
    func message(_ file: FewShotSplitFile, _ strata: ClassStrata) -> String {
      let error = #expect(throws: EvalError.self) { try file.split(in: strata, subject: "s.json") }
      #expect(error?.subject == "s.json")
      return error?.message ?? ""
    }
    #expect(message(file, other).contains("another copy"))
    var unknown = file
    unknown.classes[0].train[0] = "nowhere"
    #expect(message(unknown, strata).contains("no sample `nowhere`"))
    var foreign = file
    foreign.classes[0].train[0] = file.classes[1].train[0]
    #expect(message(foreign, strata).contains("class `banana` has no sample `apple pie/"))
    var doubled = file
    doubled.classes[0].validation[0] = file.classes[0].train[0]
    #expect(message(doubled, strata).contains("listed twice"))
    var renamed = file
    renamed.classes.swapAt(0, 1)
    #expect(message(renamed, strata).contains("in their order"))

    let temporary = try TemporaryFolder()
    let url = temporary.url.appending(path: "s.json")
    for text in ["", "{}", "[1]", #"{"format":"other"}"#] {
      try Data(text.utf8).write(to: url)
      #expect(throws: EvalError.self) { try FewShotSplitFile.read(url) }
    }
    var version = file
    version.format = "clip-eval few-shot split 2"
    try version.write(to: url)
    #expect(throws: EvalError.self) { try FewShotSplitFile.read(url) }
  }

  @Test(
    "CoOp's files are read as data, pickles of several protocols and projects and JSON alike",
    arguments: [
      ("shot_2-seed_1.pkl", 1), ("shot_2-seed_2.pkl", 2), ("old.pkl", nil),
      ("shot_2-seed_3.json", 3),
    ] as [(String, UInt64?)])
  func coop(name: String, seed: UInt64?) throws {
    let coop = try CoOpSplit.read(folder.appending(path: name))
    #expect(coop.seed == seed)
    #expect(coop.train.count == 8)
    #expect(coop.train[0].path == "/data/fruit/images/apple pie/apple pie 1.jpg")
    #expect(coop.train[7].className == "ZÜRICH")
    let split = try coop.rows(in: strata)
    #expect(
      split.trainRows.map { strata.ids[$0] }
        == ["apple pie", "banana", "crêpe", "Zürich"].flatMap { name in
          [1, 0].map { "\(name)/\(name) \($0).jpg" }
        })
    #expect(split.validationRows.count == 8)
    #expect(split.shots == 2)
    #expect(split.seed == seed)
    #expect(split.validationSource == .training)
    #expect(split.shortClasses == [ShortClass(id: "d", available: 0)])
    #expect(split.classesWithoutValidation == ["d"])
    #expect(split.origin == "coop sha256=\(coop.hash.hex)")
    let file = try FewShotSplitFile(split, dataset: "Fruit", trainName: "train", strata: strata)
    #expect(file.seed == seed)
    #expect(file.classes[0].train == ["banana/banana 1.jpg", "banana/banana 0.jpg"])
  }

  @Test("nothing in a pickle is run")
  func hostilePickle() throws {
    let error = #expect(throws: EvalError.self) {
      try CoOpSplit.read(folder.appending(path: "hostile.pkl"))
    }
    #expect(error?.message == "refused global builtins.print")
  }

  @Test("every prefix of a pickle, and changed bytes, are an error or a value")
  func damagedPickle() throws {
    let bytes = try Data(contentsOf: folder.appending(path: "shot_2-seed_1.pkl"))
    let temporary = try TemporaryFolder()
    let url = temporary.url.appending(path: "s.pkl")
    for length in stride(from: 0, to: bytes.count, by: 7) {
      try bytes.prefix(length).write(to: url)
      #expect(throws: EvalError.self) { try CoOpSplit.read(url) }
    }
    for position in stride(from: 0, to: bytes.count, by: 5) {
      for value: UInt8 in [0x00, 0x52, 0x62, 0x65, 0x81] {
        var damaged = bytes
        damaged[position] = value
        try damaged.write(to: url)
        guard let coop = try? CoOpSplit.read(url) else { continue }
        _ = try? coop.rows(in: strata)
      }
    }
  }

  @Test("entries that are not there, could be several, are there twice or mix classes are refused")
  func hostileEntries() throws {
    let temporary = try TemporaryFolder()
    let url = temporary.url.appending(path: "s.json")
    let strata = try ClassStrata(
      ids: ["x/1.jpg", "x/2.jpg", "y/1.jpg", "y/3.jpg"], labels: [0, 0, 1, 1],
      classIDs: ["x", "y"], subject: "two")
    func message(_ text: String) throws -> String {
      try Data(text.utf8).write(to: url)
      let error = #expect(throws: EvalError.self) {
        try CoOpSplit.read(url).rows(in: strata)
      }
      return error?.message ?? ""
    }
    #expect(try message(#"{"train":[["x/9.jpg",0,"x"]]}"#).contains("no sample `x/9.jpg`"))
    #expect(
      try message(#"{"train":[["1.png",0,"x"]]}"#).contains("could be `x/1.jpg` or `y/1.jpg`"))
    #expect(
      try message(#"{"train":[["x/1.jpg",0,"x"]],"val":[["/a/x/1.jpg",0,"x"]]}"#)
        .contains("twice"))
    #expect(
      try message(#"{"train":[["x/1.jpg",0,"x"],["y/1.jpg",0,"y"]]}"#)
        .contains("others of that label are of `x`"))
    #expect(
      try message(#"{"train":[["x/1.jpg",0,"x"],["x/2.jpg",1,"y"]]}"#)
        .contains("label 0 is of that class too"))
    #expect(try message(#"{"train":[]}"#).contains("no training example"))
    #expect(try message(#"{"train":[["x/1.jpg",0]]}"#).contains("expected {\"train\""))
  }
}
