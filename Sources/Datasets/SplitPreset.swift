package import Core

/// How one source of the field (the paper, ELEVATER, VTAB, …) splits a dataset, as data: a file `Splits/<dataset>/<preset>.yaml`.
package struct SplitPreset: Sendable, Equatable {
  /// The dataset's id.
  package var dataset: String
  /// In lower case: `openai`, `vtab`, ….
  package var name: String
  package var version: Int
  /// Where the sizes come from.
  package var source: String
  /// What is unknown or peculiar; nil where nothing is.
  package var note: String?
  /// Its evaluation part is the dataset's default split.
  package var isDefault: Bool
  package var ids: CanonicalID.Form
  package var parts: [Part]
  /// SHA-256 of the file.
  package var hash: SHA256Digest

  package struct Part: Sendable, Equatable {
    package var name: PartName
    package var source: Source
    /// Samples it should have; nil where no source says.
    package var count: Int?
    /// SHA-256 of the sorted canonical ids, each followed by a line feed; nil where they are not known.
    package var idsHash: SHA256Digest?
  }

  package enum PartName: String, Sendable, CaseIterable {
    case train
    case val
    /// What results are reported on.
    case test
  }

  package enum Source: Sendable, Equatable {
    /// Splits of the dataset itself, joined.
    case splits([String])
    case choice(SampleChoice)
    case list(SampleList)
  }

  package func part(_ name: PartName) -> Part? { parts.first { $0.name == name } }

  /// What suites and rows call a part: `openai/train`.
  package func splitName(_ part: PartName) -> String { "\(name)/\(part.rawValue)" }
}

/// A list of samples on the user's disk.
package struct SampleList: Sendable, Equatable {
  /// Splits of the dataset whose samples it chooses among.
  package var from: [String]
  /// File name, looked for beside the images, in the folders around them, and beside the preset.
  package var file: String
  /// Where the file is to be had, or how it is made.
  package var obtain: String
}
