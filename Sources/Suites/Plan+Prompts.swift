import Core
import Foundation
import Prompts

/// What a plan makes of the prompts of suites: combinations of class names and templates, and names of files for them.
extension SuiteFile.Entry {
  /// The class-name and template references of the entry's tasks: class names outermost, each template set followed by its
  /// single templates where `eachTemplate` asks for them.
  ///
  /// - Throws: `EvalError.badSuite` naming the place of a set that cannot be found.
  func promptPairs(
    dataset: String, _ prompts: PromptLibrary?
  ) throws -> [(classNames: SuiteFile.PromptReference?, templates: SuiteFile.PromptReference)] {
    let templates = eachTemplate ? try withSingles(dataset: dataset, prompts) : templates
    let classNames: [SuiteFile.PromptReference?] = classNames.isEmpty ? [nil] : classNames
    return classNames.flatMap { names in templates.map { (names, $0) } }
  }

  private func withSingles(
    dataset: String, _ prompts: PromptLibrary?
  ) throws -> [SuiteFile.PromptReference] {
    guard let prompts else {
      throw EvalError(.bug, "a plan with single templates needs the prompt sets", subject: place)
    }
    return try templates.flatMap { reference in
      do {
        let parsed = try TemplateReference(reference.text)
        let count = try prompts.resolve(reference.text, dataset: dataset).templates.count
        guard parsed.number == nil, count > 1 else { return [reference] }
        return [reference]
          + (1...count).map {
            .init(
              TemplateReference(set: reference.text, number: $0).description,
              place: reference.place)
          }
      } catch let error as EvalError where error.kind != .malformedData {
        let message = [error.subject, error.message].compactMap(\.self).joined(separator: ": ")
        throw EvalError(
          .badSuite, "\(dataset): \(message)", subject: reference.place, remedy: error.remedy)
      }
    }
  }
}

extension Plan {
  /// Names of the tasks' prediction files: the dataset, with split, prompt sets and options where the plan has several tasks on that
  /// dataset. Unique within the folder of an experiment and a model.
  static func fileNames(of tasks: [PlannedTask]) -> [PlannedTask: String] {
    let siblings = Dictionary(grouping: tasks) { [$0.experiment, $0.model, $0.dataset] }
    var names: [PlannedTask: String] = [:]
    var taken: Set<[String]> = []
    for task in tasks {
      let isAlone = siblings[[task.experiment, task.model, task.dataset]]?.count == 1
      let parts =
        isAlone
        ? [task.dataset, task.robustness?.classifier.rawValue].compactMap(\.self)
        : [
          task.dataset, task.split, task.classNames.map(brief),
          task.templates.isEmpty ? nil : brief(task.templates),
          task.robustness?.classifier.rawValue,
          task.captionsPerImage.map { "first-\($0)" }, task.optionsText,
        ].compactMap(\.self)
      let plain = parts.joined(separator: ".").replacing("/", with: "_").replacing("\0", with: "_")
      // `a/b_c` and `a_b/c` look alike, and so may files of one name in two folders.
      var name = plain
      var copy = 2
      while !taken.insert([task.experiment, task.model, name]).inserted {
        name = "\(plain).\(copy)"
        copy += 1
      }
      names[task] = name
    }
    return names
  }

  /// A reference without the folders and the extension of a file.
  private static func brief(_ reference: String) -> String {
    guard var parsed = try? TemplateReference(reference), TemplateReference.isFile(parsed.set)
    else { return reference }
    parsed.set = URL(filePath: parsed.set).deletingPathExtension().lastPathComponent
    return parsed.description
  }
}
