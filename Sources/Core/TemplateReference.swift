/// A reference to a template set, or to one template of it: `DemoNet/demo`, `DemoNet/demo#3` (the third, counted from 1).
package struct TemplateReference: Sendable, Hashable {
  /// What stands between a set and the number of a template.
  package static let separator: Character = "#"

  package var set: String
  /// From 1; nil for the whole set.
  package var number: Int?

  package init(set: String, number: Int?) {
    self.set = set
    self.number = number
  }

  /// - Parameter text: whatever follows the last `#` of the last path component is the number; a `#` in the name of a folder
  ///   or of a YAML file is part of that name.
  /// - Throws: `EvalError.usage` when that is no number from 1.
  package init(_ text: String) throws(EvalError) {
    let name = text.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
    guard let mark = name.lastIndex(of: Self.separator), !Self.isFile(text) else {
      self.init(set: text, number: nil)
      return
    }
    let written = name[name.index(after: mark)...]
    guard let number = Int(written), number > 0, String(number) == written,
      mark > name.startIndex
    else {
      throw EvalError(
        .usage, "expected SET or SET#NUMBER, the number of a template from 1, found \"\(text)\"")
    }
    self.init(set: String(text[..<mark]), number: number)
  }
}

extension TemplateReference {
  /// The path of a file, rather than the name of a set.
  package static func isFile(_ text: String) -> Bool {
    text.hasSuffix(".yaml") || text.hasSuffix(".yml")
  }
}

extension TemplateReference: CustomStringConvertible {
  package var description: String { number.map { "\(set)\(Self.separator)\($0)" } ?? set }
}
