import Core
import Foundation

/// A protocol as pairs of key and text, `probe.solver` for what lies below a key: what two protocols are compared by.
struct FlatProtocol: Hashable {
  private(set) var values: [String: String]

  init(_ record: EvaluationProtocol) throws {
    let object = try JSONSerialization.jsonObject(with: CanonicalJSON.encode(record))
    var values: [String: String] = [:]
    func add(_ value: Any, _ path: String) throws {
      switch value {
      case let nested as [String: Any]:
        for (key, value) in nested { try add(value, path.isEmpty ? key : "\(path).\(key)") }
      case is NSNull: break
      case let list as [Any]: values[path] = list.map { "\($0)" }.joined(separator: ", ")
      default: values[path] = "\(value)"
      }
    }
    try add(object, "")
    self.values = values
  }

  /// Without what the axes leave open. The size of its images and how they are normalised belong to a model, the rest of the recipe does not;
  /// likewise how many captions its context cut, and the features of a file.
  func masked(by axes: [ComparisonAxis]) -> FlatProtocol {
    var result = self
    result.values = values.filter { entry in !axes.contains { $0.covers(entry.key) } }
    let names = Set(axes.map(\.name))
    if names.contains("model") {
      result.replace("preprocessing") {
        $0.replacing(#/(shorter|center|mean|std)=[0-9.,]+/#) { "\($0.output.1)=…" }
      }
      if values["featuresSHA256"] != nil {
        for key in [
          "probe.trainFingerprint", "probe.validationFingerprint", "robustness.baseFingerprint",
        ] {
          result.values[key] = nil
        }
      }
    }
    if !names.isDisjoint(with: ["model", "templates", "prompts"]) {
      result.replace("captions") {
        $0.replacing(#/, [0-9]+ (captions )?cut to the context/#, with: "")
      }
    }
    if names.contains("seeds") {
      result.replace("metric") { $0.replacing(#/ mean-over=[0-9]+-seeds/#, with: "") }
    }
    return result
  }

  private mutating func replace(_ key: String, _ change: (String) -> String) {
    values[key] = values[key].map(change)
  }

  /// Keys in which two differ, in the order in which protocols show them.
  static func differences(_ first: FlatProtocol, _ second: FlatProtocol) -> [String] {
    let order = EvaluationProtocol.CodingKeys.allCases.map(\.rawValue)
    func place(_ key: String) -> Int {
      order.firstIndex(of: String(key.prefix { $0 != "." })) ?? order.count
    }
    return Set(first.values.keys).union(second.values.keys)
      .filter { first.values[$0] != second.values[$0] }
      .sorted { (place($0), $0) < (place($1), $1) }
  }
}
