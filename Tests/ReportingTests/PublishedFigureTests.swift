import Core
import Foundation
import ReferenceFiles
import Reporting
import TestSupport
import Testing

@Suite struct PublishedFigureTests {
  private func shipped(_ name: String) throws -> ReferenceTable {
    try ReferenceTable(name, in: TestPaths.project.appending(path: "Reports/reference"))
  }

  @Test("the paper's Figure 6 as shipped: four curves, zero-shot of CLIP")
  func fewShot() throws {
    let (curves, source) = try PublishedFigures.fewShot(shipped("figure-6.csv"))
    #expect(curves.map(\.model) == ["CLIP", "BiT-M (ImageNet-21K)", "SimCLRv2", "ResNet50"])
    #expect(curves.allSatisfy { $0.points.map(\.shots) == [1, 2, 4, 8, 16] })
    #expect(curves[0].zeroShot == 0.623 && curves[1].zeroShot == nil)
    #expect(abs((curves[0].points.last?.value ?? 0) - 0.715) < 1e-12)
    #expect(source == "arXiv 2103.00020 Figure 6, read off the plot")
  }

  @Test("the paper's Figure 7 as shipped has its mean and median")
  func dataEfficiency() throws {
    let (shots, _) = try PublishedFigures.dataEfficiency(shipped("figure-7.csv"))
    let values = shots.values.sorted()
    #expect(values.count == 26)
    #expect(abs(values.reduce(0, +) / 26 - 20.8) < 0.05)
    #expect(abs((values[12] + values[13]) / 2 - 5.4) < 1e-9)
  }

  @Test(
    "a damaged table is an error with its line",
    arguments: [
      ("model,shots\nA,1\n", "f:1", "expected a column percent"),
      ("model,shots,percent,source\nA,1,x,s\n", "f:2, column percent", "a number, found x"),
      ("model,shots,percent,source\nA,1,2,s\nA,1.5,2,s\n", "f:3, column shots", "of 1.5"),
      ("model,shots,percent,source\nA,1,2\n", "f:2", "4 cells, found 3"),
      ("", "f", "expected a line of column names"),
    ])
  func damaged(text: String, subject: String, message: String) {
    let error = #expect(throws: EvalError.self) {
      try PublishedFigures.fewShot(ReferenceTable(parsing: Data(text.utf8), name: "f"))
    }
    #expect(error?.subject == subject)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test("quotes, BOM, CRLF and empty lines are read as RFC 4180 has them")
  func csv() throws {
    let text = "\u{FEFF}dataset,shots,source\r\n\"a,\"\"b\"\"\",2,\"s\r\n1\"\r\n\r\n"
    let (shots, source) = try PublishedFigures.dataEfficiency(
      ReferenceTable(parsing: Data(text.utf8), name: "f"))
    #expect(shots == ["a,\"b\"": 2])
    #expect(source == "s\r\n1")
  }
}
