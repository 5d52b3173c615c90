import Core
import Experiments
import Foundation
import Statistics
import TestSupport
import Testing

struct ResultRowTests {
  static func makeProtocol() -> EvaluationProtocol {
    var value = EvaluationProtocol(dataset: "CIFAR10", model: "org/clip-mini")
    value.layout = "cifar-10-batches-bin"
    value.variant = "official"
    value.split = "test"
    value.splitHash = SHA256Digest(hex: String(repeating: "a", count: 64))
    value.classNameSet = "CIFAR10/paper"
    value.classNamesHash = SHA256Digest(hex: String(repeating: "b", count: 64))
    value.ensemble = "embedding"
    value.preprocessing = "openai; é"
    value.weightsSHA256 = SHA256Digest(hex: String(repeating: "c", count: 64))
    value.activation = "quick_gelu"
    value.precision = "fp32"
    value.featureKind = "projected"
    value.normalisation = "l2"
    value.metric = "accuracy"
    value.seed = 3
    return value
  }

  static func makeRow() throws -> ResultRow {
    try ResultRow(
      experiment: "zero-shot", dataset: "CIFAR10", model: "org/clip-mini", metric: "accuracy",
      value: 0.625, interval95: Interval(lower: 0.5, upper: 0.75), interval99_5: nil,
      intervalMethod: "clopper-pearson", n: 16, nExpected: nil, nFailed: 1, partial: true,
      chance: 0.1,
      reference: .init(source: "Table 11", model: "ViT-B/32", value: 0.875),
      verdict: .differsUnexplained, nearTies: 0, emptyClasses: nil, protocol: makeProtocol())
  }

  @Test("the protocol's hash is SHA-256 of its sorted JSON with nulls, as Python computes it")
  func protocolHash() throws {
    #expect(
      try Self.makeProtocol().hash().hex
        == "6bc7ee685e449055dba5f1f5b494e4c1bcd55a1bdc190c4b3b535ae0569b6c49")
  }

  @Test("every field of the protocol changes its hash")
  func hashCoversEveryField() throws {
    let changes: [(inout EvaluationProtocol) -> Void] = [
      { $0.dataset = "x" }, { $0.layout = "x" }, { $0.variant = "x" }, { $0.split = "x" },
      { $0.splitHash = nil }, { $0.datasetFingerprint = SHA256Digest(hex: "x") },
      { $0.classNameSet = "x" }, { $0.classNamesHash = nil }, { $0.templateSet = "x" },
      { $0.datasetOptions = "x" }, { $0.captions = "x" },
      { $0.captionsHash = SHA256Digest(hex: "x") },
      { $0.templatesHash = SHA256Digest(hex: "x") }, { $0.ensemble = "x" },
      { $0.preprocessing = "x" }, { $0.model = "x" }, { $0.weightsSHA256 = nil },
      { $0.featuresSHA256 = SHA256Digest(hex: "x") },
      { $0.activation = "x" }, { $0.precision = "x" }, { $0.featureKind = "x" },
      { $0.normalisation = "x" }, { $0.metric = "x" }, { $0.seed = 4 },
      { $0.probe = ProbeProtocol(trainSplits: ["train"]) },
      {
        $0.robustness = RobustnessProtocol(
          base: "x", baseSplit: "val", classifier: "probe", mapHash: SHA256.hash("x"),
          baseClassCount: 2, classCount: 2)
      },
      { $0.selection = "x" }, { $0.sources = SHA256.hash("x") },
    ]
    #expect(changes.count == EvaluationProtocol.CodingKeys.allCases.count)
    var hashes: Set<SHA256Digest> = [try Self.makeProtocol().hash()]
    for change in changes {
      var changed = Self.makeProtocol()
      change(&changed)
      hashes.insert(try changed.hash())
    }
    #expect(hashes.count == changes.count + 1)
  }

  @Test("a row is one line of JSON with the documented keys, and null for what is not known")
  func encoding() throws {
    let data = try ResultFile.encode([Self.makeRow()])
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.hasSuffix("}\n") && text.count(where: { $0 == "\n" }) == 1)
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    #expect(
      Set(object.keys) == [
        "schemaVersion", "experiment", "dataset", "model", "metric", "value", "interval95",
        "interval99_5", "intervalMethod", "n", "nExpected", "nFailed", "partial", "chance",
        "reference", "delta", "verdict", "protocol", "nearTies", "emptyClasses",
        "precisionAgreement",
      ])
    #expect(object["interval99_5"] is NSNull && object["nExpected"] is NSNull)
    #expect(object["interval95"] as? [Double] == [0.5, 0.75])
    #expect(object["delta"] as? Double == -0.25)
    #expect(object["verdict"] as? String == "differs: unexplained")
    #expect(text.contains(#""model":"org/clip-mini""#))
    let inner = try #require(object["protocol"] as? [String: Any])
    #expect(
      Set(inner.keys) == [
        "dataset", "layout", "variant", "split", "datasetOptions", "splitHash",
        "datasetFingerprint",
        "classNameSet", "classNamesHash", "captions", "captionsHash", "templateSet",
        "templatesHash", "ensemble",
        "preprocessing", "model", "weightsSHA256", "featuresSHA256", "activation", "precision",
        "featureKind", "normalisation", "metric", "seed", "hash",
      ])
    #expect(inner["templateSet"] is NSNull)
    #expect(
      inner["hash"] as? String
        == "6bc7ee685e449055dba5f1f5b494e4c1bcd55a1bdc190c4b3b535ae0569b6c49")
  }

  @Test("rows survive a round trip, and equal rows give equal bytes")
  func roundTrip() throws {
    var other = try Self.makeRow()
    other.reference = nil
    other.verdict = .noReference
    other.value = nil
    let rows = [try Self.makeRow(), other]
    let data = try ResultFile.encode(rows)
    let decoded = try ResultFile.decode(data, subject: "results.jsonl")
    #expect(decoded == rows)
    #expect(try ResultFile.encode(decoded) == data)
  }

  @Test("a probe's record is a key of its rows alone, with null for what does not apply")
  func probe() throws {
    var row = try Self.makeRow()
    #expect(!String(decoding: try ResultFile.encode([row]), as: UTF8.self).contains("probe"))
    row.probe = ProbeRecord(
      C: 0.25, solver: "converged", selection: "validation split val", isAtEdge: false,
      curve: [.init(C: 0.25, score: 0.5)], shots: 4, seeds: 3,
      seedInterval95: Interval(lower: 0.25, upper: 0.5))
    let data = try ResultFile.encode([row])
    #expect(try ResultFile.decode(data, subject: "results.jsonl") == [row])
    let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
    let probe = try #require(object["probe"] as? [String: Any])
    #expect(
      Set(probe.keys) == [
        "C", "solver", "selection", "trainingSamples", "gradientNorm", "objective", "iterations",
        "evaluations", "converged", "stop", "isAtEdge", "curve", "shots", "seed", "seeds",
        "seedInterval95", "shortClasses", "splitHash", "neighbours", "temperature",
      ])
    #expect(probe["seed"] is NSNull && probe["isAtEdge"] as? Bool == false)
    let point = try #require((probe["curve"] as? [[String: Any]])?.first)
    #expect(point["C"] as? Double == 0.25 && point["score"] as? Double == 0.5)
    #expect(point["converged"] is NSNull && point.count == 3)
  }

  @Test("keys of later versions are ignored, absent ones unknown, and a recorded hash kept")
  func tolerance() throws {
    let line = #"""
      {"schemaVersion":1,"experiment":"zero-shot","dataset":"D","model":"M","metric":"accuracy",
      "n":4,"nFailed":0,"partial":false,"verdict":"no reference","novelty":[1],
      "protocol":{"dataset":"D","model":"M","novelty":true,"hash":"feed"}}
      """#.replacing("\n", with: "")
    let row = try #require(
      try ResultFile.decode(Data((line + "\n\n").utf8), subject: "f").first)
    #expect(row.value == nil && row.nExpected == nil && row.protocol.split == nil)
    #expect(row.protocolHash.hex == "feed")
  }

  @Test("a line that is no row is an error with file, line and reason")
  func malformed() throws {
    let good = try ResultFile.encode([Self.makeRow()])
    func error(_ line: String) -> EvalError? {
      #expect(throws: EvalError.self) {
        try ResultFile.decode(good + Data(line.utf8), subject: "results.jsonl")
      }
    }
    let text = String(decoding: good, as: UTF8.self)
    let cases = [
      ("{\"schemaVersion\":1", "not JSON"), ("\u{0}", "not JSON"),
      (text.replacing("\"n\":16,", with: ""), "no key n"),
      (text.replacing("\"n\":16,", with: "\"n\":\"16\","), "at n"),
      (text.replacing("\"schemaVersion\":1", with: "\"schemaVersion\":2"), "expected 1, found 2"),
      (text.replacing("[0.5,0.75]", with: "[0.75,0.5]"), "[lower, upper]"),
      (text.replacing("differs: unexplained", with: "fine"), "verdict"),
    ]
    for (line, reason) in cases {
      let found = error(line)
      #expect(found?.kind == .malformedData)
      #expect(found?.subject == "results.jsonl:2")
      #expect(found?.message.contains(reason) == true, "\(line): \(found?.message ?? "")")
    }
  }
}
