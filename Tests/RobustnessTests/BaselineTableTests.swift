import Core
import Foundation
import Robustness
import TestSupport
import Testing

struct BaselineTableTests {
  private func table(
    _ text: String, unit: BaselineTable.Unit? = nil
  ) throws(EvalError) -> BaselineTable {
    try BaselineTable(parsing: Data(text.utf8), subject: "b.csv", unit: unit)
  }

  @Test("percent, fractions, counts, empty cells, any case of types, BOM, CRLF and quotes")
  func reads() throws {
    let table = try table(
      "\u{FEFF}model,type,imagenet,imagenet:n,sketch,source\r\n\"a, b\",STANDARD,76.2,50000,25.2,x\r\nc,ROBUST_INTV,70,,,\"y\"\r\n"
    )
    #expect(table.unit == .percent && table.unitOrigin == .detected)
    #expect(table.settings == ["imagenet", "sketch"])
    #expect(table.rows.map(\.model) == ["a, b", "c"])
    #expect(table.rows.map(\.type) == ["standard", "robust-intv"])
    #expect(table.rows.map(\.line) == [2, 3])
    #expect(table.rows[0].values == [0.762, 0.252] && table.rows[1].values == [0.7, nil])
    #expect(table.rows[0].counts == [50_000, nil])
    let selection = try table.selection(base: "imagenet", shift: "sketch", filter: .all)
    #expect(selection.points.map(\.model) == ["a, b"] && selection.unknown == ["c"])
    #expect(selection.points[0].baseCount == 50_000 && selection.points[0].shiftCount == nil)
    #expect(selection.points[0].family == "standard")
  }

  @Test("the unit: declared, of a column, or clear from the values")
  func units() throws {
    let text = "model,type,x,y\na,s,0.5,0.25\nb,s,1,0\n"
    #expect(try table(text).unit == .fraction)
    #expect(try table(text, unit: .percent).rows[0].values == [0.005, 0.0025])
    #expect(try table(text, unit: .percent).unitOrigin == .declared)
    let stated = try table("model,type,x,unit\na,s,0.5,percent\n")
    #expect(stated.unitOrigin == .column && stated.rows[0].values == [0.005])
    #expect(stated.settings == ["x"])
    // Low percentages among others are percentages.
    #expect(try table("model,type,x,y\na,s,76,0.4\nb,s,70,2.7\n").rows[0].values == [0.76, 0.004])
  }

  @Test(
    "a damaged table is an error with line and column",
    arguments: [
      ("", "b.csv", "empty file"), ("\n\n", "b.csv", "empty file"),
      ("name,type,x\na,s,1\n", "b.csv:1", "expected a column model, found name, type, x"),
      ("model,x\na,1\n", "b.csv:1", "expected a column type"),
      ("model,type,x,x\na,s,1,2\n", "b.csv:1", "columns 3 and 4 are both called x"),
      ("model,type,,x\na,s,1,2\n", "b.csv:1", "column 3 has no name"),
      ("model,type,y:n\na,s,1\n", "b.csv:1", "counts samples of a column y"),
      ("model,type,x\na,s,1\n\nb,s\n", "b.csv:4", "expected 3 cells, found 2"),
      ("model,type,x\na,s,1\n,s,1\n", "b.csv:3, column model", "expected a model's name"),
      ("model,type,x\na,,1\n", "b.csv:2, column type", "expected a type"),
      ("model,type,x\na,s,1\nb,s,1\na,t,2\n", "b.csv:4, column model", "a is on line 2 already"),
      ("model,type,x\na,s,76.2%\n", "b.csv:2, column x", "expected a number, found 76.2%"),
      ("model,type,x\na,s,n/a\n", "b.csv:2, column x", "expected a number, found n/a"),
      ("model,type,x\na,s,nan\n", "b.csv:2, column x", "expected a number, found nan"),
      ("model,type,x\na,s,1e999\n", "b.csv:2, column x", "expected a number, found 1e999"),
      ("model,type,x\na,s,0x10\n", "b.csv:2, column x", "expected a number, found 0x10"),
      ("model,type,x\na,s,\"76,2\"\n", "b.csv:2, column x", "expected a number, found 76,2"),
      ("model,type,x\na,s,50\nb,s,101\n", "b.csv:3, column x", "100 percent, found 101"),
      ("model,type,x\na,s,50\nb,s,-1\n", "b.csv:3, column x", "found -1"),
      ("model,type,x,x:n\na,s,50,0\n", "b.csv:2, column x:n", "a number of samples, found 0"),
      ("model,type,x,x:n\na,s,50,1.5\n", "b.csv:2, column x:n", "found 1.5"),
      (
        "model,type,x,x:n\na,s,1,9223372036854775807\n", "b.csv:2, column x:n",
        "found 9223372036854775807"
      ),
      ("model,type,x\na,s,0.5\nb,s,0.6\nc,s,70\n", "b.csv", "1 of 3 accuracies are above 1"),
      ("model,type,x,unit\na,s,50,percent\nb,s,60,fraction\n", "b.csv:3, column unit", "percent"),
      ("model,type,x,unit\na,s,50,per cent\n", "b.csv:2, column unit", "found per cent"),
      ("model,type,x\na,s,\"50\n", "b.csv:2", "not closed"),
    ])
  func damaged(text: String, subject: String, message: String) {
    let error = #expect(throws: EvalError.self) { try self.table(text) }
    #expect(error?.kind == .malformedData)
    #expect(error?.subject == subject)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }

  @Test("what is declared must not be contradicted")
  func declared() throws {
    let stated = #expect(throws: EvalError.self) {
      try self.table("model,type,x,unit\na,s,50,percent\n", unit: .fraction)
    }
    #expect(stated?.message.contains("declared to be in fraction") == true)
    let range = #expect(throws: EvalError.self) {
      try self.table("model,type,x\na,s,50\n", unit: .fraction)
    }
    #expect(range?.message.contains("between 0 and 1, found 50") == true)
    let bytes = #expect(throws: EvalError.self) {
      try BaselineTable(parsing: Data([0x6d, 0xff, 0x0a]), subject: "b.csv")
    }
    #expect(bytes?.message == "expected UTF-8 text")
    let absent = #expect(throws: EvalError.self) {
      try BaselineTable(csv: URL(filePath: "/nonexistent/b.csv"))
    }
    #expect(absent?.kind == .notFound)
  }

  @Test("filters tell what they left out; settings that are not there get a hint")
  func filters() throws {
    let table = try table(
      "model,type,x,y\na,standard,80,60\nb_aws,standard,80,60\nc,standard,50,30\nd,more_data,80,70\ne,standard,,60\nf,standard,80,\n"
    )
    let selection = try table.selection(base: "x", shift: "y", filter: .standard)
    #expect(selection.points.map(\.model) == ["a"])
    #expect(selection.excluded == ["b_aws"] && selection.belowMinimum == ["c"])
    #expect(selection.otherTypes == 1 && selection.unknown == ["e", "f"])
    #expect(selection.base == "x" && selection.shift == "y" && selection.source == "b.csv")
    let copy = try JSONDecoder().decode(
      BaselineSelection.self, from: JSONEncoder().encode(selection))
    #expect(copy == selection)
    let error = #expect(throws: EvalError.self) {
      try table.points(base: "X", shift: "y", filter: .all)
    }
    #expect(error?.message == "has no column X; its settings are x, y")
    #expect(error?.remedy?.hasPrefix("Did you mean x") == true && error?.subject == "b.csv:1")
    #expect(BaselineFilter.standard.leavingOut("vtab").name.hasSuffix("without vtab"))
  }

  @Test("a mean is not known where a part is not")
  func means() throws {
    let table = try table("model,type,x,y\na,s,80,60\nb,s,80,\n").addingMean("m", of: ["x", "y"])
    #expect(table.settings == ["x", "y", "m"])
    #expect(table.accuracies(of: "a")?["m"] == 0.7)
    #expect(table.accuracies(of: "b")?["m"] == nil && table.accuracies(of: "c") == nil)
    #expect(throws: EvalError.self) { try table.addingMean("m", of: ["x"]) }
    #expect(throws: EvalError.self) { try table.addingMean("k", of: ["z"]) }
    #expect(throws: EvalError.self) { try table.addingMean("k", of: []) }
  }

  @Test("a mean that a table of natural shifts has stays as it is")
  func ownMeans() throws {
    let header = "model,type,imagenet-vid-pm0,imagenet-vid-pm10"
    let found = try table("\(header)\na,s,0.8,0.6\n").addingNaturalShiftMeans()
    #expect(found.accuracies(of: "a")?["imagenet-vid"] == 0.7)
    let own = try table("\(header),imagenet-vid\na,s,0.8,0.6,0.65\n").addingNaturalShiftMeans()
    #expect(own.accuracies(of: "a")?["imagenet-vid"] == 0.65)
  }
}
