/// Where a dataset is to be had: what no adapter knows, and no layout tells.
package struct DatasetSource: Sendable, Codable, Equatable {
  /// A file that publishers serve.
  package struct File: Sendable, Codable, Equatable {
    package enum Unpacking: String, Sendable, Codable {
      /// Read as it is.
      case none
      /// tar, zip, rar, 7z.
      case archive
      /// One file, compressed.
      case single
    }
    /// A file inside an archive that is an archive itself.
    package struct Inner: Sendable, Codable, Equatable {
      package var path: String
      /// In hexadecimal digits; nil where no source states it.
      package var sha256: String?

      package init(path: String, sha256: String?) {
        self.path = path
        self.sha256 = sha256
      }
    }
    package var name: String
    /// The publisher's first, then mirrors; empty where it has to be fetched by hand.
    package var addresses: [String]
    /// Nil where no source states it.
    package var bytes: Int?
    package var sha256: String?
    package var md5: String?
    /// Below the data folder: where the file, or what is in it, belongs. Empty for the data folder itself.
    package var folder: String
    package var unpacking: Unpacking
    package var inner: [Inner]
    package var password: String?

    package init(
      name: String, addresses: [String], bytes: Int? = nil, sha256: String? = nil,
      md5: String? = nil, folder: String, unpacking: Unpacking, inner: [Inner] = [],
      password: String? = nil
    ) {
      self.name = name
      self.addresses = addresses
      self.bytes = bytes
      self.sha256 = sha256
      self.md5 = md5
      self.folder = folder
      self.unpacking = unpacking
      self.inner = inner
      self.password = password
    }
  }

  /// The dataset's id.
  package var dataset: String
  package var homepage: String?
  /// In short; the publisher's own words decide.
  package var licence: String
  package var files: [File]
  /// What cannot be fetched by a program, and how a person gets it; nil where nothing is left to do.
  package var byHand: String?
  /// What has gone wrong for others.
  package var notes: [String]

  package init(
    dataset: String, homepage: String?, licence: String, files: [File], byHand: String?,
    notes: [String]
  ) {
    self.dataset = dataset
    self.homepage = homepage
    self.licence = licence
    self.files = files
    self.byHand = byHand
    self.notes = notes
  }

  /// Every file can be fetched.
  package var isComplete: Bool {
    !files.isEmpty && byHand == nil && files.allSatisfy { !$0.addresses.isEmpty }
  }
}

extension DatasetSource {
  init(
    _ dataset: String, _ homepage: String?, licence: String, files: [File] = [],
    byHand: String? = nil, notes: [String] = []
  ) {
    self.init(
      dataset: dataset, homepage: homepage, licence: licence, files: files, byHand: byHand,
      notes: notes)
  }
}

extension DatasetSource.File {
  /// An archive that is unpacked into `folder`.
  static func archive(
    _ name: String, at addresses: [String] = [], bytes: Int? = nil, sha256: String? = nil,
    md5: String? = nil, into folder: String = "", inner: [Inner] = [], password: String? = nil
  ) -> Self {
    Self(
      name: name, addresses: addresses, bytes: bytes, sha256: sha256, md5: md5, folder: folder,
      unpacking: .archive, inner: inner, password: password)
  }

  /// A file that is read as it is.
  static func plain(
    _ name: String, at addresses: [String] = [], bytes: Int? = nil, sha256: String? = nil,
    md5: String? = nil, in folder: String
  ) -> Self {
    Self(
      name: name, addresses: addresses, bytes: bytes, sha256: sha256, md5: md5, folder: folder,
      unpacking: .none, inner: [])
  }

  /// A file that is unpacked into one file.
  static func single(
    _ name: String, at addresses: [String] = [], bytes: Int? = nil, sha256: String? = nil,
    in folder: String
  ) -> Self {
    Self(
      name: name, addresses: addresses, bytes: bytes, sha256: sha256, md5: nil, folder: folder,
      unpacking: .single, inner: [])
  }
}

/// What is known of datasets besides their layouts. Hashes and sizes are those that torchvision, TensorFlow Datasets, torchgeo and doctr
/// check; nil where none of them states one.
package enum DatasetCatalog {
  package static let sources: [DatasetSource] =
    paperObjects + paperScenes + paperRecords + naturalShifts + others

  /// Nil for the generic layouts, and datasets of which nothing but the layout is known.
  package static func source(of dataset: String) -> DatasetSource? {
    sources.first { $0.dataset == dataset }
  }
}
