import CLIPModels
import Core
import Datasets
import EmbeddingPipeline
import Foundation
import Imaging
import Prompts
import Suites

/// What is wrong with a plan and can be known before any image is read: told at once, rather than after the
/// tasks that come first.
struct PlanCheck {
  let suites: [SuiteFile]
  let plan: Plan
  let prompts: PromptLibrary

  /// Splits and prompt sets that suites name.
  /// - Throws: `EvalError.badSuite` naming suite and dataset; `.malformedData` from a broken prompt file.
  func checkReferences() throws {
    let planned = Set(plan.tasks.map(\.dataset))
    for suite in suites {
      for entry in suite.entries {
        let info = try DatasetRegistry.adapter(named: entry.dataset).info
        guard planned.contains(info.id) else { continue }
        do {
          if let split = entry.split { _ = try info.split(named: split) }
          _ = try prompts.resolve(entry.classNames, dataset: info.id)
          let templates = try prompts.resolve(entry.templates, dataset: info.id)
          guard !templates.templates.isEmpty else {
            throw EvalError(.badSuite, "the prompt set \(templates.reference) has no templates")
          }
        } catch let error as EvalError where error.kind != .malformedData {
          let subject = error.subject == info.id ? nil : error.subject
          let place = [subject, error.message].compactMap(\.self).joined(separator: ": ")
          throw EvalError(
            .badSuite, place, subject: "\(suite.path): \(info.id)", remedy: error.remedy)
        }
      }
    }
  }

  /// Checkpoints: that they open, that their sizes agree, and that results can tell them apart.
  /// - Throws: `EvalError.notFound`, `.malformedData`, or `.usage` for two of one name.
  static func checkModels(
    _ paths: [String], order: PreprocessRecipe.Order?, activation: Activation?
  ) throws {
    var names: [String: String] = [:]
    for path in paths {
      let session = try ModelSession(URL(filePath: path), order: order, activation: activation)
      _ = try session.tokenizer()
      let name = session.checkpoint.name
      if let other = names.updateValue(path, forKey: name) {
        throw EvalError(
          .usage, "\(other) and \(path) are both called \(name); results could not tell them apart",
          remedy: "Rename one of the folders, or give each its own run.")
      }
    }
  }

  static func checkDataRoot(_ url: URL) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isFolder),
      isFolder.boolValue
    else {
      throw EvalError(
        .notFound, "expected the folder that holds the datasets", subject: url.path,
        remedy: "Name it with --data-root.")
    }
    guard access(url.path, R_OK | X_OK) == 0 else {
      throw EvalError(
        .notFound, "the data folder cannot be read: \(String(cString: strerror(errno)))",
        subject: url.path)
    }
  }
}
