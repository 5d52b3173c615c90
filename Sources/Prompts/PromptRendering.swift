/// Fills class names into templates.
package enum PromptRendering {
  /// Marks the place of the class name in a template.
  package static let placeholder = "{}"

  /// The prompts of each class in class order: all templates with the first name, then all with the second, …
  package static func prompts(for names: [[String]], templates: [String]) -> [[String]] {
    let parts = templates.map(split)
    return names.map { names in
      names.flatMap { name in
        parts.map { part in part.map { $0.before + name + $0.after } ?? name }
      }
    }
  }

  /// How often the placeholder stands in a template. Bytes are searched, because a combining mark after `}` would hide it
  /// from a search by characters.
  package static func placeholderCount(in template: String) -> Int {
    template.utf8.ranges(of: placeholder.utf8).count
  }

  private static func split(_ template: String) -> (before: String, after: String)? {
    guard let range = template.utf8.firstRange(of: placeholder.utf8) else { return nil }
    return (String(template[..<range.lowerBound]), String(template[range.upperBound...]))
  }
}
