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
}
