import Core
import Datasets
import Foundation
import TestSupport
import Testing

@Suite struct HumanResponseTests {
  private func scene(_ table: String) throws -> (Scene, DatasetIndex) {
    let scene = try Scene(
      images: ["images/Egyptian_Mau_20.jpg", "images/pug_7.jpg"],
      texts: [
        "annotations/test.txt": "Egyptian_Mau_20 11 1 6\npug_7 26 2 18\n", "answers.csv": table,
      ])
    return (scene, try OxfordPets().index(root: scene.root, split: "test"))
  }

  @Test("answers are joined to images by name and to classes by id or name")
  func reading() throws {
    let (scene, index) = try scene(
      "\u{feff}participant,image,shots,answer,seconds\r\nP1,Egyptian_Mau_20.jpg,0,egyptian mau,3\r\nP1,pug_7,0,I don\u{2019}t know,9\r\n\"P, 2\",images/pug_7.jpg,2,mops,1\r\n"
    )
    let responses = try HumanResponseTable.read(
      scene.root.appending(path: "answers.csv"), index: index, names: ["pug": ["Mops"]])
    let pug = try #require(index.classes.firstIndex { $0.id == "pug" })
    let mau = try #require(index.classes.firstIndex { $0.id == "Egyptian_Mau" })
    #expect(
      responses == [
        HumanResponse(participant: "P1", sample: 0, shots: 0, answer: mau),
        HumanResponse(participant: "P1", sample: 1, shots: 0, answer: nil),
        HumanResponse(participant: "P, 2", sample: 1, shots: 2, answer: pug),
      ])
  }

  @Test("faults name file and line")
  func faults() throws {
    let header = "participant,image,shots,answer\n"
    for (table, words) in [
      ("", "the table is empty"),
      ("who,image,shots,answer\n", "answers.csv:1: expected the columns"),
      (header + "P1,pug_7,0\n", "answers.csv:2: expected 4 fields"),
      (header + "P1,pug_8,0,pug\n", "answers.csv:2: `pug_8` is no image of OxfordPets"),
      (header + "P1,pug_7,3,pug\n", "expected 0, 1 or 2 shots"),
      (header + "P1,pug_7,0,pugg\n", "expected a class or `I don't know`, found `pugg`"),
      (header + "P1,pug_7,0,\n", "expected a class"),
      (header + ",pug_7,0,pug\n", "expected a participant"),
      (
        header + "P1,pug_7,0,pug\n\nP1,images/pug_7.jpg,0,boxer\n", "answers.csv:4: P1 has answered"
      ),
    ] {
      let (scene, index) = try scene(table)
      let error = #expect(throws: EvalError.self) {
        try HumanResponseTable.read(scene.root.appending(path: "answers.csv"), index: index)
      }
      #expect(error?.kind == .malformedData)
      #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }
  }

  @Test("what names several images or classes is no answer, where somebody gives it")
  func sharedNames() throws {
    let index = DatasetIndex(
      dataset: "own", layout: "", split: "all",
      classes: ["657", "744", "crane"].map {
        DatasetClass(id: $0, name: $0 == "crane" ? $0 : "missile")
      },
      samples: ["657/1.jpg", "744/1.jpg", "744/2.jpg"].map {
        DatasetSample(id: $0, label: 0, source: .file(URL(filePath: "/\($0)")))
      }, variant: nil, expectedCount: nil, ignoredFiles: [], fingerprint: SHA256.hash(""))
    let folder = try TemporaryFolder()
    let table = folder.url.appending(path: "answers.csv")
    func read(_ row: String) throws -> [HumanResponse] {
      try Data("participant,image,shots,answer\n\(row)\n".utf8).write(to: table)
      return try HumanResponseTable.read(table, index: index, names: ["744": ["crane"]])
    }
    // An id is no other class's name.
    #expect(try read("P,2,0,Crane").map(\.answer) == [2])
    #expect(try read("P,744/1.jpg,0,744").map(\.sample) == [1])
    for (row, message) in [
      ("P,1.jpg,0,744", "`1.jpg` is the name of several images"),
      ("P,2.jpg,0,missile", "`missile` is the name of several classes"),
      ("P,2.jpg,1,744\nP,2.jpg,01,744", "answered about this image before"),
    ] {
      let error = #expect(throws: EvalError.self) { try read(row) }
      #expect(error?.message.contains(message) == true && error?.subject?.contains(":") == true)
    }
  }
}
