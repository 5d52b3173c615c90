import Core
import Experiments
import References
import Testing

struct RowConditionTests {
  @Test(
    "terms: equal, other, holding, lacking; what is not known equals and holds nothing",
    arguments: [
      ("", true), ("split=test", true), ("split=val", false), ("split!=val", true),
      ("split!=test", false), ("templateSet~2021", true), ("templateSet~laion", false),
      ("templateSet!~laion", true), ("templateSet!~2021", false), ("datasetOptions=x", false),
      ("datasetOptions!=x", true), ("datasetOptions~x", false), ("datasetOptions!~x", true),
      ("classifier=probe", true), ("classifier=zero-shot", false),
      ("split=test;classifier=probe", true), ("split=test;classifier!=probe", false),
      // The text may hold what stands between key and text.
      ("datasetOptions!~frames=uniform", true), ("split!~te~st", true),
    ])
  func terms(text: String, holds: Bool) throws {
    let row = try MadeRow(dataset: "MNIST", n: 10, classifier: .probe).row()
    #expect(try RowCondition(text, subject: "t").holds(for: row) == holds)
  }

  @Test(
    "what is no condition is an error",
    arguments: [
      ("split", "key=text"), ("templates=x", "no key of the protocol"), ("split test", "key=text"),
      ("=x", "no key of the protocol"), ("split!test", "key=text"),
    ])
  func malformed(text: String, message: String) {
    let error = #expect(throws: EvalError.self) { try RowCondition(text, subject: "t:2") }
    #expect(error?.subject == "t:2")
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
  }
}
