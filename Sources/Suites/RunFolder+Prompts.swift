import Core
import Experiments
import Foundation
import Logging
import Reporting

extension RunFolder {
  private var promptFolder: URL { url.appending(path: "prompts") }

  /// `prompts/<model>/<name>.json`, and the same as a table beside it.
  func write(_ study: PromptStudy, model: String, fileName: String) throws {
    let folder = promptFolder.appending(path: model)
    try AtomicFile.write(
      CanonicalJSON.pretty(study), to: folder.appending(path: "\(fileName).json"))
    try AtomicFile.write(
      PromptStudyCSV.render(study), to: folder.appending(path: "\(fileName).csv"))
  }

  /// Of the tasks of a run that are done, in their order, each with the task's number.
  /// - Returns: with them, what cannot be read.
  func promptStudies(
    _ record: RunRecord
  ) -> (studies: [(task: Int, study: PromptStudy)], faults: [String]) {
    let names = Plan.fileNames(of: record.plan)
    var studies: [(task: Int, study: PromptStudy)] = []
    var faults: [String] = []
    for (number, (task, outcome)) in zip(record.plan, record.tasks).enumerated()
    where task.prompts != nil && outcome.status == .ok {
      guard let name = names[task] else { continue }
      let file = promptFolder.appending(path: "\(task.modelFolder)/\(name).json")
      do {
        let study = try JSONDecoder().decode(PromptStudy.self, from: readFile(file))
        studies.append((number, study))
      } catch {
        faults.append("\(file.lastPathComponent): \(error)")
      }
    }
    return (studies, faults)
  }
}
