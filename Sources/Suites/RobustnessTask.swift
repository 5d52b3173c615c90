import CLIPModels
package import Core
package import Datasets
package import Experiments
package import Prompts

/// What a planned robustness task is made of, besides the shift, the model and the limit, which are the task's own.
package struct RobustnessTask: Codable, Sendable, Hashable {
  /// The dataset that the shift is one of, and whose classes are chosen among.
  package struct Base: Codable, Sendable, Hashable {
    package var dataset: String
    /// Nil for a dataset of the registry.
    @ExplicitNull package var own: SuiteFile.OwnDataset?
    package var split: String
    @ExplicitNull package var options: [String: String]?
    /// Nil where no classifier of the suite is made of words; else also of those that are not, whose classes are joined by them.
    @ExplicitNull package var classNames: String?
    @ExplicitNull package var templates: String?
  }

  package var classifier: RobustnessExperiment.Classifier
  package var base: Base
  /// How the base's training split is learned from; nil for classifiers of words alone.
  package var probe: ProbeTask?
  /// Of ensembles.
  package var alphas: [Double]?
  package var leavesOutUnmatched: Bool
}

extension PlannedTask {
  /// The base as a task of its own: the same samples as a zero-shot task on it would read.
  package var baseTask: PlannedTask? {
    guard let base = robustness?.base else { return nil }
    return PlannedTask(
      experiment: experiment, model: model, modelName: modelName, dataset: base.dataset,
      own: base.own, split: base.split, options: base.options, classNames: base.classNames,
      templates: base.templates ?? "", captionsPerImage: nil, limit: limit)
  }

  /// What learns from the base's training split.
  var baseProbe: PlannedTask? {
    guard let probe = robustness?.probe, var task = baseTask else { return nil }
    (task.classNames, task.templates, task.probe) = (nil, "", probe)
    return task
  }

  /// - Throws: `EvalError.bug` for another task.
  func requiredRobustness() throws(EvalError) -> (RobustnessTask, base: PlannedTask) {
    guard let robustness, let baseTask else {
      throw EvalError(.bug, "a robustness task without a base", subject: dataset)
    }
    return (robustness, baseTask)
  }

  /// The class names and templates of the classifier: where it is made of the base's, those.
  package var words: (classNames: String?, templates: String?) {
    if let prompts { return (classNames, prompts.sets.joined(separator: ", ")) }
    guard let robustness, robustness.classifier != .classShift else {
      return (classNames, templates.isEmpty ? nil : templates)
    }
    let base = robustness.classifier.takesPrompts ? robustness.base : nil
    return (base?.classNames, base?.templates)
  }

  /// That the classes of a shift are the base's.
  /// - Parameter classes: of each of `parts`, where known.
  /// - Throws: as `ClassMap`.
  package func checkClassMap(_ classes: [[DatasetClass]?], in prompts: PromptLibrary) throws {
    guard let robustness, let baseTask, classes.count > 1, let shift = classes[classes.count - 1],
      let base = classes[classes.count - 2]
    else { return }
    _ = try ClassMap(
      shift: (dataset, shift), base: (baseTask.dataset, base),
      names: baseTask.classNameAliases(prompts),
      leavesOutUnmatched: robustness.leavesOutUnmatched)
  }

  /// By what aliases and names the dataset's classes are known; nil where only by their own.
  func classNameAliases(_ prompts: PromptLibrary) throws -> PromptSet? {
    guard let classNames, !takesNamesOfDataset else { return nil }
    return try prompts.resolve(classNames, dataset: dataset)
  }

  /// What tables call the experiment: with the classifier where there are several.
  package var experimentText: String {
    [experiment, robustness?.classifier.rawValue].compactMap(\.self).joined(separator: " ")
  }
}

extension SuiteFile {
  /// The tasks of the experiment: every classifier on every shift, so that what a classifier learns from is read once.
  /// - Parameters:
  ///   - selected: ids of shifts; nil for all.
  /// - Throws: `EvalError.badSuite` at the place of an entry that cannot take its part.
  func robustnessTasks(
    _ model: LocatedModel, selected: Set<String>?, limit: Int?
  ) throws -> [(task: PlannedTask, places: TaskPlaces)] {
    guard let robustness else { return [] }
    func entry(_ name: String) throws(EvalError) -> Entry {
      let id = RobustnessSettings.id(name)
      guard let entry = entries.first(where: { RobustnessSettings.id($0.dataset) == id }) else {
        throw EvalError(.bug, "no entry \(name)", subject: robustness.place)
      }
      return entry
    }
    let baseEntry = try entry(robustness.base)
    let baseWords = baseEntry.mainPrompts
    var tasks: [(task: PlannedTask, places: TaskPlaces)] = []
    for classifier in robustness.classifiers {
      let settings = try self.settings(classifier, baseEntry, baseWords, robustness)
      for name in robustness.shifts {
        let entry = try entry(name)
        let (info, options) = try Plan.dataset(of: entry)
        if let selected, !selected.contains(info.id) { continue }
        let words = classifier == .classShift ? entry.mainPrompts : nil
        let task = PlannedTask(
          experiment: RobustnessExperiment.name, model: model.url.standardizedFileURL.path,
          modelName: model.name, dataset: info.id, own: entry.own,
          split: entry.split ?? info.defaultSplit, options: options,
          classNames: words?.classNames.text, templates: words?.templates.text ?? "",
          captionsPerImage: nil, limit: limit, robustness: settings)
        let places = TaskPlaces(
          entry: entry.place, classNames: words?.classNames.place,
          templates: words?.templates.place ?? entry.place,
          base: [
            TaskPlaces(
              entry: baseEntry.place, classNames: baseWords?.classNames.place,
              templates: baseWords?.templates.place ?? baseEntry.place)
          ])
        tasks.append((task, places))
      }
    }
    return tasks
  }

  private func settings(
    _ classifier: RobustnessExperiment.Classifier, _ entry: Entry,
    _ words: (classNames: PromptReference, templates: PromptReference)?,
    _ robustness: RobustnessSettings
  ) throws -> RobustnessTask {
    let (info, options) = try Plan.dataset(of: entry)
    let split = entry.split ?? info.defaultSplit
    var probe: ProbeTask?
    if classifier.learns {
      var settings = entry.probe
      if classifier == .fewShot {
        settings.shots = settings.shots ?? RobustnessSettings.defaultShots
      }
      if classifier == .ensemble {
        // Zero-shot weights are of these features: no others can be mixed with them.
        (settings.feature, settings.normalise) = (.projected, true)
      }
      do {
        let made = try ProbeTask(
          settings, experiment: classifier == .fewShot ? .fewShot : .linearProbe, info: info,
          split: entry.split)
        guard made.rounds.count == 1 else {
          throw EvalError(
            .usage, "robustness is of one training split, and there are \(made.rounds.count)",
            remedy: "Name one: `probe: {train: …}`.")
        }
        guard try info.split(named: split).name == made.testName else {
          throw EvalError(
            .usage,
            "the base's split is \(split), and its probe is tested on \(made.testName)",
            remedy: "Name the split in the entry alone.")
        }
        probe = made
      } catch let error as EvalError where error.kind == .usage {
        throw EvalError(
          .badSuite,
          "\(info.id), for the classifier \(classifier.rawValue): \(error.message)",
          subject: entry.place, remedy: error.remedy)
      }
    }
    return RobustnessTask(
      classifier: classifier,
      base: .init(
        dataset: info.id, own: entry.own, split: split, options: options,
        classNames: words?.classNames.text, templates: words?.templates.text),
      probe: probe, alphas: classifier == .ensemble ? robustness.alphas : nil,
      leavesOutUnmatched: robustness.leavesOutUnmatched)
  }
}

extension SuiteFile.Entry {
  /// The class names and templates that an entry is reported under: the last that it lists, single templates aside.
  var mainPrompts: (classNames: SuiteFile.PromptReference, templates: SuiteFile.PromptReference)? {
    let whole = templates.filter { (try? TemplateReference($0.text))?.number == nil }
    guard let names = classNames.last, let templates = whole.last ?? templates.last else {
      return nil
    }
    return (names, templates)
  }
}
