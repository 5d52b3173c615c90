import Foundation

/// Figures of the paper that a suite says it makes and that the results do not suffice for.
enum UndrawnFigures {
  /// What the files of a figure of the paper begin with, and what the figure takes.
  private static let known: [Int: (prefix: String, takes: String)] = [
    4: ("prompting", "three datasets with bare names and with another set"),
    5: ("zero-shot-minus-", "three of the paper's datasets"),
    6: ("few-shot", "few-shot probes of all models on a dataset"),
    7: ("data-efficiency-", "a dataset with zero-shot, few-shot and full probes"),
    8: ("zero-shot-and-probe-", "three datasets with zero-shot and a full probe"),
    9: ("scaling-zero-shot", "three datasets, and models whose compute is known"),
    10: ("scaling-linear-probe-", "three datasets, and models whose compute is known"),
    11: ("probe-minus-", "three of the paper's datasets"),
    12: ("transfer-", "ImageNet, and three other datasets"),
  ]

  /// A sentence for the head of a report; nil where nothing is missing.
  /// - Parameters:
  ///   - makes: what the suites say they make: `Figure 5`, `Tables 10 and 11`, `Figures 10 to 12`.
  ///   - drawn: names of figures.
  static func remark(makes: [String], drawn: [String]) -> String? {
    let lacking = Set(makes.flatMap(numbers)).sorted().compactMap { number -> String? in
      guard let figure = known[number],
        !drawn.contains(where: { $0.hasPrefix(figure.prefix) })
      else { return nil }
      return "Figure \(number) (takes \(figure.takes))"
    }
    return lacking.isEmpty
      ? nil
      : "Not drawn, for lack of results that every model has: \(lacking.joined(separator: "; "))."
  }

  /// Of figures: `Figures 5 and 10 to 12` are 5, 10, 11 and 12.
  static func numbers(_ text: String) -> [Int] {
    guard text.hasPrefix("Figure") else { return [] }
    let words = text.split { !$0.isLetter && !$0.isNumber }
    var numbers: [Int] = []
    for (place, word) in words.enumerated() {
      guard let number = Int(word) else { continue }
      if place > 0, words[place - 1] == "to", let first = numbers.last, first < number,
        number - first < 100
      {
        numbers += (first + 1)...number
      } else {
        numbers.append(number)
      }
    }
    return numbers
  }
}
