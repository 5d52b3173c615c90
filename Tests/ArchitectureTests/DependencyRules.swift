import Foundation

/// The direction of dependencies: a module imports only modules listed before it in Package.swift, and the
/// half of the program that computes results from embeddings knows no model and no image.
struct DependencyRules {
  /// Bottom up, as listed in Package.swift.
  let modules: [String]

  /// Modules that read the embedding store's matrices and labels and nothing else.
  static let pure = [
    "Experiments", "Probes", "Metrics", "Statistics", "Robustness", "References", "Reporting",
    "ResultDatabase",
  ]
  static let forbiddenToPure: Set = [
    "Downloads", "CLIPModels", "Imaging", "Datasets", "EmbeddingPipeline",
  ]

  /// - Parameter manifest: the text of Package.swift.
  init(manifest: String) {
    modules = manifest.matches(of: /(?:module\(|executableTarget\(\s*name:)\s*"([^"]+)"/)
      .map { String($0.1) }
  }

  /// Every import of one of the modules that breaks a rule, as a sentence.
  /// - Parameters:
  ///   - source: the text of a Swift file.
  ///   - module: the module it belongs to.
  ///   - file: its name, for the sentence.
  func violations(in source: String, of module: String, file: String) -> [String] {
    guard let level = modules.firstIndex(of: module) else {
      return ["\(file): module \(module) is not listed in Package.swift"]
    }
    return Self.imports(in: source).compactMap { imported in
      guard let other = modules.firstIndex(of: imported) else { return nil }
      if other >= level { return "\(file): \(module) imports \(imported), which is not below it" }
      if Self.pure.contains(module), Self.forbiddenToPure.contains(imported) {
        return "\(file): \(module) imports \(imported), but works on embeddings alone"
      }
      return nil
    }
  }

  /// The modules a file imports, whatever stands before the word: access levels, attributes, `#if` blocks.
  static func imports(in source: String) -> [String] {
    let pattern =
      /^[ \t]*(?:@\w+(?:\([^)]*\))?[ \t]+)*(?:(?:public|package|internal|fileprivate|private)[ \t]+)?import[ \t]+(?:(?:struct|class|enum|protocol|typealias|func|let|var)[ \t]+)?(\w+)/
      .anchorsMatchLineEndings()
    return source.matches(of: pattern).map { String($0.1) }
  }
}
