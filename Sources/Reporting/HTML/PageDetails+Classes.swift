import Core
import Experiments
import Metrics
import Statistics

/// What is told class by class.
extension PageDetails {
  /// Of images that show several classes there is no right answer to be counted, only an order of images for each class.
  func precisions(
    _ detail: DatasetDetail, _ precisions: [DatasetDetail.ClassPrecision]
  ) -> String {
    let present = precisions.indices.filter { precisions[$0].value != nil }
    let sorted = present.sorted {
      (precisions[$0].value ?? 0, $0) < (precisions[$1].value ?? 0, $1)
    }
    let shown = sorted.prefix(budget.classRows)
    var table = HTMLTable(
      "Average precision of each class, percent", showsCaption: false,
      [.text("Class"), .number("Images"), .number("Average precision"), .drawing("0 to 100")])
    for number in shown {
      let (positives, value) = (precisions[number].positives, precisions[number].value ?? 0)
      table.append([
        HTML.escaped(detail.name(number)), "\(positives)", Percent.text(value),
        IntervalPlot.markup(value, nil),
      ])
    }
    let empty = precisions.count - present.count
    let notes =
      ["Images show several classes. Of each class: how well it ranks those that show it."]
      + (shown.count < sorted.count
        ? ["Shown: the \(shown.count) classes of \(sorted.count) with the lowest."] : [])
      + (empty > 0 ? ["\(counted(empty, "class is", "classes are")) on no image."] : [])
    return
      "<h4>Average precision of each class</h4><p class=\"quiet\">\(HTML.escaped(notes.joined(separator: " ")))</p>\n\(table.markup)\n"
  }

  func classes(_ detail: DatasetDetail) -> String {
    let counts = detail.counts
    var wrong: [Int: Confusion] = [:]
    // Most samples first: the first of each class is what it is most often taken for.
    for pair in detail.confusions where wrong[pair.label] == nil { wrong[pair.label] = pair }
    let present = counts.trials.indices.filter { counts.trials[$0] > 0 }
    func rate(_ number: Int) -> Double {
      Double(counts.successes[number]) / Double(counts.trials[number])
    }
    let sorted = present.sorted { (rate($0), $0) < (rate($1), $1) }
    let isCut = sorted.count > budget.classRows
    let shown = isCut ? Array(sorted.prefix(budget.classRows)) : sorted
    var table = HTMLTable(
      "Accuracy of each class, percent", showsCaption: false,
      [
        .text("Class"), .number("Right"), .number("Samples"), .number("Accuracy"),
        .number("95 % interval"), .drawing("0 to 100"), .text("Most often taken for"),
      ])
    for number in shown {
      let (right, all) = (counts.successes[number], counts.trials[number])
      let interval = Self.interval(right, all)
      table.append([
        HTML.escaped(detail.name(number)), "\(right)", "\(all)", Percent.text(rate(number)),
        Percent.text(interval),
        IntervalPlot.markup(rate(number), interval.map { ($0.lower, $0.upper) }),
        wrong[number].map {
          "\(HTML.escaped(detail.name($0.prediction))) <span class=\"quiet\">\($0.count)</span>"
        }
          ?? Markdown.unknown,
      ])
    }
    let empty = counts.trials.count - present.count
    let notes =
      (isCut
        ? ["Shown: the \(shown.count) classes of \(sorted.count) with the lowest accuracy."] : [])
      + (empty > 0 ? ["\(counted(empty, "class has", "classes have")) no sample."] : [])
      + ["Intervals: Clopper-Pearson."]
    return
      "<details class=\"classes\"><summary>Accuracy of each class</summary><p class=\"quiet\">\(HTML.escaped(notes.joined(separator: " ")))</p>\n\(table.markup)</details>\n"
  }

  private static func interval(_ right: Int, _ all: Int) -> Interval? {
    ClopperPearson.interval(successes: right, trials: all, confidence: 0.95)
  }
}
