import Core

extension PromptSetFile {
  /// What is odd about the names and templates themselves, in the file's order.
  package func findings() -> [PromptFinding] {
    let names = set.classes.indices.flatMap { index in
      set.classes[index].names.map { (text: $0, index: index) }
    }
    return duplicateNames() + similarNames() + repeatedNames()
      + names.flatMap { oddities(of: $0.text, "the name", at: classPlace($0.index)) }
      + names.filter { $0.text.contains { "{}".contains($0) } }.map {
        notice(
          .braces, classPlace($0.index),
          "the name \"\($0.text)\" has braces, which stay as they are")
      }
      + similarTemplates()
      + set.templates.indices.flatMap {
        oddities(of: set.templates[$0], "the template", at: templatePlace($0))
      }
      + set.templates.indices.filter { hasOtherBraces(set.templates[$0]) }.map {
        notice(
          .braces, templatePlace($0),
          "the template \"\(set.templates[$0])\" has braces besides {}, which stay as they are")
      }
  }

  /// What is odd about the set beside its dataset.
  /// - Parameters:
  ///   - classes: the dataset's, as found on a disk; nil where none was looked at.
  ///   - classCount: how many it should have, where that is known.
  package func findings(
    dataset: String, classes: [(id: String, name: String)]?, classCount: Int?
  ) -> [PromptFinding] {
    guard !set.classes.isEmpty else { return [] }
    guard let classes else {
      guard let classCount, classCount != set.classes.count else { return [] }
      return [
        notice(
          .classCount, path, "\(dataset) has \(classCount) classes, the set \(set.classes.count)")
      ]
    }
    do {
      let unused = try ClassJoin.join(classes: classes, with: set, dataset: dataset).unusedIDs
      guard !unused.isEmpty else { return [] }
      let shown = unused.prefix(10).joined(separator: ", ") + (unused.count > 10 ? ", …" : "")
      return [
        notice(
          .unusedClasses, path,
          "\(unused.count) of the set's \(set.classes.count) classes are none of \(dataset) here: \(shown)"
        )
      ]
    } catch {
      let message = (error as? EvalError)?.message ?? "\(error)"
      return [PromptFinding(.error, .unmatchedClasses, place: path, "\(dataset): \(message)")]
    }
  }

  private func duplicateNames() -> [PromptFinding] {
    set.duplicateNames.map { shared in
      let second = set.classes.indices.filter { shared.ids.contains(set.classes[$0].id) }
        .dropFirst()
      return notice(
        .duplicateName, second.first.map(classPlace) ?? path,
        "\(shared.ids.count) classes are called \"\(shared.name)\": \(shared.ids.joined(separator: ", ")); "
          + "equal names give equal weights, and the first of the dataset's classes wins")
    }
  }

  /// Names that differ to the model, and not to a join by name.
  private func similarNames() -> [PromptFinding] {
    var owners: [String: [(index: Int, name: String)]] = [:]
    for (index, entry) in set.classes.enumerated() {
      for name in entry.names {
        owners[PromptSet.normalized(name), default: []].append((index, name))
      }
    }
    return owners.values.compactMap { group -> (Int, PromptFinding)? in
      guard Set(group.map(\.index)).count > 1, Set(group.map { $0.name.lowercased() }).count > 1,
        let last = group.last
      else { return nil }
      let written = group.map { "\(set.classes[$0.index].id) \"\($0.name)\"" }
      return (
        last.index,
        notice(
          .similarNames, classPlace(last.index),
          "names that joining takes for one: \(written.joined(separator: ", ")); such classes join by id or alias only"
        )
      )
    }.sorted { $0.0 < $1.0 }.map(\.1)
  }

  /// A name that stands twice in one class weighs twice in the mean.
  private func repeatedNames() -> [PromptFinding] {
    set.classes.enumerated().compactMap { index, entry in
      let names = entry.names.map { $0.lowercased() }
      guard Set(names).count < names.count else { return nil }
      return notice(
        .repeatedName, classPlace(index),
        "the class \(entry.id) has a name twice, which weighs twice")
    }
  }

  private func similarTemplates() -> [PromptFinding] {
    var seen: [String: Int] = [:]
    return set.templates.enumerated().compactMap { index, template in
      let key = template.lowercased().split(whereSeparator: \.isWhitespace).joined(separator: " ")
      guard let first = seen[key] else {
        seen[key] = index
        return nil
      }
      return notice(
        .similarTemplates, templatePlace(index),
        "template \(index + 1) is template \(first + 1) but for case or spaces, and the same to the model: it weighs twice"
      )
    }
  }

  private func oddities(of text: String, _ what: String, at place: String) -> [PromptFinding] {
    var found: [PromptFinding] = []
    if text.first?.isWhitespace == true || text.last?.isWhitespace == true {
      found.append(
        notice(
          .spaces, place, "\(what) \"\(text)\" begins or ends with a space, which has no effect"))
    }
    if zip(text, text.dropFirst()).contains(where: { $0.isWhitespace && $1.isWhitespace }) {
      found.append(
        notice(.spaces, place, "\(what) \"\(text)\" has two spaces in a row, which count as one"))
    }
    let odd = text.unicodeScalars.filter(Self.isUnlikely)
    if !odd.isEmpty {
      let list = Set(odd).sorted { $0.value < $1.value }.map {
        "U+" + String(repeating: "0", count: max(0, 4 - String($0.value, radix: 16).count))
          + String($0.value, radix: 16, uppercase: true)
      }
      found.append(
        notice(
          .characters, place,
          "\(what) \"\(text)\" has characters that OpenAI's program would first replace or that look like an accident: "
            + list.joined(separator: ", ")))
    }
    return found
  }

  /// Control characters, invisible ones, curly quotes, ligatures, full-width forms, combining marks, and what a wrong
  /// encoding leaves behind.
  private static func isUnlikely(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA1, 0xAD, 0xC2...0xC3, 0x300...0x36F, 0x2000...0x200F, 0x2018...0x201F,
      0x2028...0x202F,
      0x2060...0x206F, 0xFB00...0xFB06, 0xFE00...0xFE0F, 0xFEFF, 0xFF01...0xFF5E, 0xFFFD:
      true
    default: false
    }
  }

  private func hasOtherBraces(_ template: String) -> Bool {
    template.replacing(PromptRendering.placeholder, with: "").contains { "{}".contains($0) }
  }

  private func classPlace(_ index: Int) -> String { place(line: classLines[index]) }
  private func templatePlace(_ index: Int) -> String { place(line: templateLines[index]) }
  private func place(line: Int?) -> String { line.map { "\(path):\($0)" } ?? path }

  private func notice(
    _ kind: PromptFinding.Kind, _ place: String, _ message: String
  ) -> PromptFinding {
    PromptFinding(.notice, kind, place: place, message)
  }
}
