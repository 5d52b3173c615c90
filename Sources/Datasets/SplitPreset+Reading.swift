import Core
package import Foundation
import YAMLFiles
import Yams

extension SplitPreset {
  /// Reads and checks a preset.
  ///
  ///     dataset: EuroSAT
  ///     preset: openai
  ///     version: 1
  ///     source: Radford et al. 2021, Table 9
  ///     note: What is unknown.             # optional
  ///     default: true                      # optional: results are reported on its test part unless a suite says otherwise
  ///     ids: class/stem                    # optional, or stem: what tells samples apart in every layout
  ///     parts:
  ///       train:
  ///         choose: {from: all, perClass: 1000, seed: 0}
  ///         count: 10000
  ///         sha256: 3f…                    # optional: of the sorted canonical ids
  ///       test:
  ///         choose: {from: all, count: 500, seed: 0, after: [train]}   # without count and perClass: all that are left
  ///       val:
  ///         split: val                     # of the dataset itself; train+val joins two
  ///         # or list: {from: all, file: eurosat-val.txt, obtain: Where it is to be had.}
  ///
  /// - Throws: `EvalError.notFound`, or `.malformedData` with file, line and column.
  package init(contentsOf url: URL) throws {
    try self.init(yaml: YAMLReader.text(of: url), file: url.path)
  }

  /// - Parameter file: what messages call the text.
  package init(yaml text: String, file: String) throws {
    let reader = PresetReader(yaml: YAMLReader(file: file))
    self = try reader.preset(
      reader.yaml.root(of: text, "a preset of splits"), hash: SHA256.hash(text))
  }
}

private struct PresetReader {
  let yaml: YAMLReader

  func preset(_ root: Node, hash: SHA256Digest) throws -> SplitPreset {
    let fields = try YAMLFields(
      root,
      allowed: ["dataset", "preset", "version", "source", "note", "default", "ids", "parts"],
      in: yaml)
    let nameNode = try fields.required("preset")
    let name = try yaml.text(nameNode, "the preset's name")
    guard
      name.utf8.allSatisfy({
        (0x61...0x7a).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2d
      })
    else {
      throw yaml.error(
        "expected a name of lower-case letters, digits and hyphens, found \"\(name)\"", at: nameNode
      )
    }
    let partsNode = try fields.required("parts")
    let partFields = try YAMLFields(
      partsNode, allowed: SplitPreset.PartName.allCases.map(\.rawValue), in: yaml)
    let parts = try SplitPreset.PartName.allCases.compactMap { name in
      try partFields[name.rawValue].map { try part(name, $0) }
    }
    guard parts.contains(where: { $0.name == .test }) else {
      throw yaml.error(
        "the part \"test\" is missing: it is what results are reported on", at: partsNode)
    }
    for part in parts {
      guard case .choice(let choice) = part.source else { continue }
      for other in choice.after
      where other == part.name || !parts.contains(where: { $0.name == other })
        || depends(other, on: part.name, in: parts)
      {
        throw yaml.error(
          "the part \(part.name.rawValue) cannot come after \(other.rawValue)", at: partsNode)
      }
    }
    return SplitPreset(
      dataset: try yaml.text(fields.required("dataset"), "a dataset id"), name: name,
      version: try yaml.version(fields.required("version")),
      source: try yaml.text(fields.required("source"), "the source of the sizes"),
      note: try fields["note"].map { try yaml.text($0, "a note") },
      isDefault: try fields["default"].map(flag) ?? false,
      ids: try fields["ids"].map(form) ?? .classAndStem, parts: parts, hash: hash)
  }

  private func depends(
    _ part: SplitPreset.PartName, on other: SplitPreset.PartName, in parts: [SplitPreset.Part]
  ) -> Bool {
    guard case .choice(let choice) = parts.first(where: { $0.name == part })?.source else {
      return false
    }
    return choice.after.contains(other)
  }

  private func part(_ name: SplitPreset.PartName, _ node: Node) throws -> SplitPreset.Part {
    let fields = try YAMLFields(
      node, allowed: ["split", "choose", "list", "count", "sha256"], in: yaml)
    let source: SplitPreset.Source
    switch (fields["split"], fields["choose"], fields["list"]) {
    case (let split?, nil, nil): source = .splits(try splits(split))
    case (nil, let choose?, nil): source = .choice(try choice(choose))
    case (nil, nil, let list?): source = .list(try self.list(list))
    default: throw yaml.error("expected one of \"split\", \"choose\" and \"list\"", at: node)
    }
    return SplitPreset.Part(
      name: name, source: source, count: try fields["count"].map { try number($0, from: 1) },
      idsHash: try fields["sha256"].map(digest))
  }

  private func choice(_ node: Node) throws -> SampleChoice {
    let fields = try YAMLFields(
      node, allowed: ["from", "perClass", "count", "seed", "after"], in: yaml)
    let amount: SampleChoice.Amount
    switch (fields["perClass"], fields["count"]) {
    case (let perClass?, nil): amount = .perClass(try number(perClass, from: 1))
    case (nil, let count?): amount = .count(try number(count, from: 1))
    case (nil, nil): amount = .rest
    default: throw yaml.error("expected \"perClass\" or \"count\", not both", at: node)
    }
    if amount != .rest { _ = try fields.required("seed") }
    return SampleChoice(
      from: try splits(fields.required("from")), amount: amount,
      seed: try fields["seed"].map { try number($0, from: 0) } ?? 0,
      after: try fields["after"].map { try yaml.list($0, "a list of parts").map(partName) } ?? [])
  }

  private func list(_ node: Node) throws -> SampleList {
    let fields = try YAMLFields(node, allowed: ["from", "file", "obtain"], in: yaml)
    let fileNode = try fields.required("file")
    let file = try yaml.text(fileNode, "a file name")
    guard !file.contains("/"), file != "..", file != "." else {
      throw yaml.error(
        "expected the name of a file without folders, found \"\(file)\"", at: fileNode)
    }
    return SampleList(
      from: try splits(fields.required("from")), file: file,
      obtain: try yaml.text(fields.required("obtain"), "where the list is to be had"))
  }

  private func splits(_ node: Node) throws -> [String] {
    let names = try yaml.text(node, "a split, or several joined by +").split(
      separator: "+", omittingEmptySubsequences: false
    ).map { $0.trimmingCharacters(in: .whitespaces) }
    guard names.allSatisfy({ !$0.isEmpty }), Set(names).count == names.count else {
      throw yaml.error("expected a split, or several different ones joined by +", at: node)
    }
    return names
  }

  private func partName(_ node: Node) throws -> SplitPreset.PartName {
    let known = SplitPreset.PartName.allCases.map(\.rawValue)
    let written = try yaml.text(node, "a part")
    guard let name = SplitPreset.PartName(rawValue: written) else {
      throw yaml.error("expected \(known.joined(separator: ", ")), found \"\(written)\"", at: node)
    }
    return name
  }

  private func number(_ node: Node, from least: Int) throws -> Int {
    let written = try yaml.text(node, "a whole number")
    guard let number = ClassFolders.nonNegativeInteger(written), number >= least else {
      throw yaml.error("expected a whole number from \(least), found \"\(written)\"", at: node)
    }
    return number
  }

  private func flag(_ node: Node) throws -> Bool {
    let written = try yaml.text(node, "true or false")
    guard let flag = Bool(written) else {
      throw yaml.error("expected true or false, found \"\(written)\"", at: node)
    }
    return flag
  }

  private func form(_ node: Node) throws -> CanonicalID.Form {
    let written = try yaml.text(node, "class/stem or stem")
    guard let form = CanonicalID.Form(rawValue: written) else {
      throw yaml.error("expected class/stem or stem, found \"\(written)\"", at: node)
    }
    return form
  }

  private func digest(_ node: Node) throws -> SHA256Digest {
    let written = try yaml.text(node, "a SHA-256")
    guard written.wholeMatch(of: /[0-9a-f]{64}/) != nil else {
      throw yaml.error("expected 64 lower-case hexadecimal digits, found \"\(written)\"", at: node)
    }
    return SHA256Digest(hex: written)
  }
}
