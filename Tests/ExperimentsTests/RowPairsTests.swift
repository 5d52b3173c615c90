import Core
import Experiments
import Testing

/// Which results are compared, and which are refused.
struct RowPairsTests {
  private func row(
    model: String = "a", weights: Character = "c", dataset: String = "CIFAR10",
    templates: String = "CIFAR10/paper", _ change: (inout EvaluationProtocol) -> Void = { _ in }
  ) throws -> ResultRow {
    var record = ResultRowTests.makeProtocol()
    record.dataset = dataset
    record.model = model
    record.weightsSHA256 = SHA256Digest(hex: String(repeating: weights, count: 64))
    record.templateSet = templates
    record.preprocessing =
      "openai|resize(shorter=224,bicubic,antialias)|crop(center=224,half-even)|rgb|normalize(mean=0.1,0.2,0.3,std=1,1,1)"
    change(&record)
    return try ResultRow(
      experiment: "zero-shot", dataset: dataset, model: model, metric: "accuracy", value: 0.5,
      interval95: nil, interval99_5: nil, intervalMethod: nil, n: 16, nExpected: nil, nFailed: 0,
      partial: false, chance: nil, reference: nil, verdict: .noReference, nearTies: nil,
      emptyClasses: nil, protocol: record)
  }

  private func axes(_ names: String...) throws -> [ComparisonAxis] {
    try names.map { name throws(EvalError) in try ComparisonAxis(named: name) }
  }

  private func message(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "no error"
    } catch {
      return (error as? EvalError).map { "\($0.kind.rawValue) \($0)" } ?? "\(error)"
    }
  }

  @Test("The same protocols are compared without asking; what one side lacks is told")
  func same() throws {
    let pairs = try RowPairs(
      [try row(), try row(dataset: "MNIST")], [try row(), try row(dataset: "STL10")], axes: [])
    #expect(pairs.pairs.count == 1 && pairs.axes.isEmpty)
    #expect(pairs.onlyFirst.map(\.dataset) == ["MNIST"])
    #expect(pairs.onlySecond.map(\.dataset) == ["STL10"])
  }

  @Test("Other words are refused, with the keys that differ and what to type")
  func refusal() throws {
    let (own, other) = (try row(), try row(templates: "generic/bare"))
    let text = message { _ = try RowPairs([own], [other], axes: []) }
    #expect(text.hasPrefix("64 "))
    #expect(text.contains("templateSet: CIFAR10/paper | generic/bare"))
    #expect(text.contains("--axis templates"))
    for name in ["templates", "prompts", "templateSet", "TEMPLATES"] {
      #expect(try RowPairs([own], [other], axes: axes(name)).pairs.count == 1, "\(name)")
    }
    #expect(message { _ = try RowPairs([own], [other], axes: axes("precision")) }.hasPrefix("64 "))
    let both = try row(templates: "generic/bare") { $0.precision = "bf16" }
    let second = message { _ = try RowPairs([own], [both], axes: axes("templates")) }
    #expect(second.contains("precision: fp32 | bf16"))
    #expect(second.contains("--axis templates --axis precision"))
    #expect(try RowPairs([own], [both], axes: axes("templates", "precision")).pairs.count == 1)
  }

  @Test("Two models are compared as models, with the size of their images but not another recipe")
  func models() throws {
    let larger = try row(model: "b", weights: "d") {
      $0.activation = "gelu"
      $0.preprocessing = $0.preprocessing?.replacing("224", with: "336").replacing(
        "0.1", with: "0.5")
    }
    let pairs = try RowPairs([try row()], [larger], axes: [])
    #expect(pairs.axes.map(\.name) == ["model"] && pairs.pairs.count == 1)
    let recipe = try row(model: "b", weights: "d") {
      $0.preprocessing = $0.preprocessing?.replacing("half-even", with: "floor")
    }
    let text = message { _ = try RowPairs([try row()], [recipe], axes: []) }
    #expect(text.contains("preprocessing: ") && text.contains("--axis model --axis preprocessing"))
  }

  @Test(
    "Of several prompt sets each finds its own; where several could be meant one is to be chosen")
  func several() throws {
    let sets = ["generic/bare", "generic/photo"]
    let first = try sets.map { try row(templates: $0) }
    let second = try sets.reversed().map { try row(model: "b", weights: "d", templates: $0) }
    let pairs = try RowPairs(first, second, axes: [])
    #expect(pairs.pairs.map(\.first.protocol.templateSet) == sets)
    #expect(
      pairs.pairs.allSatisfy { $0.first.protocol.templateSet == $0.second.protocol.templateSet })
    let text = message { _ = try RowPairs(first, first, axes: axes("templates")) }
    #expect(text.contains("has 2 results that could be meant"))
    #expect(text.contains("--a KEY=VALUE"))
  }

  @Test("Axes and selections are names of protocols")
  func names() throws {
    #expect(message { _ = try ComparisonAxis(named: "templats") }.contains("templates"))
    #expect(try ComparisonAxis(named: "probe.solver").name == "probe.solver")
    #expect(message { _ = try ComparisonAxis(named: "split.x") }.hasPrefix("64 "))
    let paper = try RowSelection(["templates=paper"], option: "--a")
    #expect(try paper.contains(row()))
    #expect(try !paper.contains(row(templates: "generic/bare")))
    #expect(try RowSelection(["weightsSHA256=cccccccc"], option: "--a").contains(row()))
    #expect(message { _ = try RowSelection(["templates"], option: "--a") }.contains("KEY=VALUE"))
    #expect(message { _ = try RowSelection(["colour=red"], option: "--a") }.contains("no key"))
    let bare = try RowSelection(["templates=generic/bare"], option: "--b")
    #expect(try RowSelection.axes(paper, bare).map(\.name) == ["templates"])
    #expect(try RowSelection.axes(paper, paper).isEmpty)
  }
}
