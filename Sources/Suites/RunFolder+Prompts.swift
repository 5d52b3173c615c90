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

  func promptStudy(of task: PlannedTask, fileName: String) throws -> PromptStudy {
    let file = promptFolder.appending(path: "\(task.modelFolder)/\(fileName).json")
    return try JSONDecoder().decode(PromptStudy.self, from: readFile(file))
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
      do {
        studies.append((number, try promptStudy(of: task, fileName: name)))
      } catch {
        faults.append("\(name).json: \(error)")
      }
    }
    return (studies, faults)
  }
}

/// Which sets the comparisons of templates of a run have: several entries of a suite may compare others on one dataset.
struct PromptStudies {
  let folder: RunFolder
  let names: [PlannedTask: String]
  private var known: [PlannedTask: (sets: Set<String>, classNames: String?)] = [:]

  init(folder: RunFolder, names: [PlannedTask: String]) {
    self.folder = folder
    self.names = names
  }

  /// Whether a row may be of a task; true of other tasks, and where that cannot be told.
  mutating func fit(_ task: PlannedTask, _ row: ResultRow) -> Bool {
    guard task.prompts != nil, let own = own(task), let set = row.protocol.templateSet else {
      return true
    }
    return own.sets.contains(set) && row.protocol.classNameSet == own.classNames
  }

  private mutating func own(_ task: PlannedTask) -> (sets: Set<String>, classNames: String?)? {
    if let own = known[task] { return own }
    guard let name = names[task], let study = try? folder.promptStudy(of: task, fileName: name)
    else { return nil }
    let own = (
      sets: Set(study.sets.map(\.set) + [study.selection?.set].compactMap(\.self)),
      classNames: study.classNames
    )
    known[task] = own
    return own
  }
}
