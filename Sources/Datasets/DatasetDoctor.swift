package import Core
package import Foundation
import Imaging
import TensorFiles

/// What a dataset on disk is, how it compares with what is known of it, and what is wrong with its files.
package struct DoctorReport: Sendable, Codable {
  package struct Split: Sendable, Codable {
    package var split: String
    package var layout: String
    package var samples: Int
    @ExplicitNull package var expected: Int?
    /// The known variant that the counts match.
    @ExplicitNull package var variant: String?
    package var partial: Bool
    package var classes: Int
    /// Classes without a sample.
    package var emptyClasses: [String]
    package var smallestClass: Int
    package var largestClass: Int
    /// Of a dataset of captions, which has no classes.
    @ExplicitNull package var captions: Int?
    package var fingerprint: String
    /// Listed, but not on the disk.
    package var missing: [String]
    /// Of zero bytes.
    package var empty: [String]
    /// First bytes of no known image format.
    package var unrecognised: [String]
    /// Another format than the name says; read all the same.
    package var misnamed: [String]
    /// That cannot be decoded; nil where nobody asked.
    @ExplicitNull package var undecodable: [Undecodable]?
    /// Classes that have another number of samples than each has in the split's first variant.
    package var unevenClasses: [ClassCount]
    /// In the folder of one class, and named as the images of another are.
    package var misplaced: [Misplaced] = []
    /// Not samples.
    package var ignored: [String]
    package var notes: [String]
    /// What to do about it.
    package var remedies: [String] = []
  }

  package struct Undecodable: Sendable, Codable, Equatable {
    package var id: String
    package var reason: String
  }

  package struct Misplaced: Sendable, Codable, Equatable {
    package var id: String
    /// Id of the class that the file's name tells.
    package var name: String
  }

  package struct ClassCount: Sendable, Codable, Equatable {
    package var id: String
    package var samples: Int
    package var expected: Int
  }

  /// A split that could not be indexed.
  package struct Failure: Sendable, Codable {
    package var split: String
    package var kind: String
    package var message: String
    /// What to do about it.
    package var remedies: [String] = []
  }

  package var schemaVersion = 1
  package var dataset: String
  package var root: String
  package var splits: [Split]
  package var failures: [Failure]

  /// 65 when something is malformed, 66 when files or everything is missing, 0 otherwise. A split that this
  /// copy does not have is not an error while another one is there.
  package var exitCode: Int32 {
    let isMalformed =
      failures.contains { $0.kind == "malformed" }
      || splits.contains {
        !$0.empty.isEmpty || !$0.unrecognised.isEmpty || $0.undecodable?.isEmpty == false
      }
    if isMalformed { return EvalError.Kind.malformedData.rawValue }
    let isMissing = splits.isEmpty || splits.contains { !$0.missing.isEmpty }
    return isMissing ? EvalError.Kind.notFound.rawValue : 0
  }
}

package enum DatasetDoctor {
  /// - Parameters:
  ///   - split: nil looks at every split the dataset has.
  ///   - decodes: every image, not its first bytes alone.
  ///   - progress: files are opened one by one, ImageNet's for minutes.
  /// - Throws: `EvalError` of `.usage` for an unknown split, `.notFound` when `root` is absent, `.interrupted`.
  package static func examine(
    _ adapter: any DatasetAdapter, root: URL, split: String?, decodes: Bool = false,
    progress: any ProgressSink = SilentProgress()
  ) throws -> DoctorReport {
    // It says what the disk holds now, whatever an earlier look found.
    var cache = FolderCache.current
    cache.trust = .nothing
    return try FolderCache.$current.withValue(cache) {
      try examineNow(adapter, root: root, split: split, decodes: decodes, progress: progress)
    }
  }

  private static func examineNow(
    _ adapter: any DatasetAdapter, root: URL, split: String?, decodes: Bool,
    progress: any ProgressSink
  ) throws -> DoctorReport {
    guard isFolder(root) || isFile(root) else {
      throw EvalError(.notFound, "the data folder does not exist", subject: root.path)
    }
    var report = DoctorReport(
      dataset: adapter.info.id, root: root.path, splits: [], failures: [])
    let advice = DoctorAdvice(adapter.info, root: root)
    for name in try split.map({ [$0] }) ?? splits(of: adapter, root: root) {
      do {
        let index = try adapter.index(root: root, split: name)
        var found = try examine(index, progress: progress)
        found.unevenClasses = advice.unevenClasses(of: index)
        if adapter.canonicalClasses != nil { found.misplaced = MisplacedImages.find(in: index) }
        if decodes { found.undecodable = try ImageCheck.undecodable(index, progress) }
        found.remedies = advice.remedies(for: found)
        report.splits.append(found)
      } catch let error as EvalError where error.kind == .malformedData || error.kind == .notFound {
        report.failures.append(
          DoctorReport.Failure(
            split: name, kind: error.kind == .notFound ? "not found" : "malformed",
            message: error.description,
            // What is about the folder: a part of a preset that cannot be made says itself what to do.
            remedies: error.kind == .notFound && error.subject == root.path
              ? advice.remediesWhereNothingIsFound() : []))
      }
    }
    return report
  }

  /// Where a layout sees no split, the one that it would take says what was looked for.
  private static func splits(of adapter: any DatasetAdapter, root: URL) throws -> [String] {
    let names = try adapter.splits(root: root)
    return names.isEmpty ? [adapter.info.defaultSplit] : names
  }

  private static func examine(
    _ index: DatasetIndex, progress: any ProgressSink
  ) throws -> DoctorReport.Split {
    let captions = index.captions?.captions.count ?? index.composition?.captions.count
    let counts = captions == nil ? index.perClassCounts : []
    var split = DoctorReport.Split(
      split: index.split, layout: index.layout, samples: index.samples.count,
      expected: index.expectedCount, variant: index.variant, partial: index.isPartial,
      classes: captions == nil ? index.classes.count : 0,
      // Most words of a lexicon are on no image.
      emptyClasses: index.candidates == nil
        ? zip(index.classes, counts).filter { $0.1 == 0 }.map(\.0.id) : [],
      smallestClass: counts.min() ?? 0, largestClass: counts.max() ?? 0,
      captions: captions,
      fingerprint: index.fingerprint.hex, missing: [], empty: [], unrecognised: [], misnamed: [],
      unevenClasses: [], ignored: index.ignoredFiles, notes: index.notes)
    // Each part fills in a report of its own; put together in order, they are that of one thread.
    let isLong = index.samples.count >= 20_000
    let progress: any ProgressSink = isLong ? progress : SilentProgress()
    progress.begin("\(index.dataset), \(index.split)", total: index.samples.count)
    defer { progress.end() }
    let blank = split
    let parts = stride(from: 0, to: index.samples.count, by: 4096).map {
      $0..<min($0 + 4096, index.samples.count)
    }
    let reports = try Listers.map(parts) { range in
      try Interruption.check()
      var part = blank
      check(index.samples[range], &part)
      progress.advance(range.count, cached: false)
      return part
    }
    for part in reports {
      split.missing += part.missing
      split.empty += part.empty
      split.unrecognised += part.unrecognised
      split.misnamed += part.misnamed
    }
    return split
  }

  private static func check(_ samples: ArraySlice<DatasetSample>, _ split: inout DoctorReport.Split)
  {
    var shard: (url: URL, file: PositionedFile)?
    for sample in samples {
      if sample.byteCount == 0 {
        split.empty.append(sample.id)
        continue
      }
      switch sample.source {
      case .raster: continue
      case .storedRaster(let store, let index):
        do {
          _ = try store.raster(index)
        } catch let error as EvalError where error.kind == .notFound {
          split.missing.append(sample.id)
        } catch {
          split.unrecognised.append(sample.id)
        }
      case .frame(let frame):
        // The frames of a clip share its file.
        if frame.position == 0 { checkVideo(sample, frame.url, &split) }
      case .file(let url):
        guard sample.byteCount != nil, let file = try? PositionedFile(url) else {
          split.missing.append(sample.id)
          continue
        }
        check(sample.id, file, offset: 0, count: file.count, &split)
      case .range(let url, let offset, let count):
        if shard?.url != url { shard = (try? PositionedFile(url)).map { (url, $0) } }
        guard let file = shard?.file else {
          split.missing.append(sample.id)
          continue
        }
        check(sample.id, file, offset: offset, count: count, &split)
      case .stored(let store, let index):
        do {
          try store.withBytes(of: index) { check(sample.id, Array($0.prefix(16)), &split) }
        } catch let error as EvalError where error.kind == .notFound {
          split.missing.append(sample.id)
        } catch {
          split.unrecognised.append(sample.id)
        }
      }
    }
  }

  private static func checkVideo(
    _ sample: DatasetSample, _ url: URL, _ split: inout DoctorReport.Split
  ) {
    guard sample.byteCount != nil, let file = try? PositionedFile(url) else {
      split.missing.append(sample.id)
      return
    }
    guard file.count > 0 else {
      split.empty.append(sample.id)
      return
    }
    let prefix = (try? file.read(at: 0, count: min(16, file.count))) ?? []
    if !VideoFiles.isContainer(prefix: prefix) {
      split.unrecognised.append(sample.id)
    } else if VideoFiles.isCutShort(file) {
      split.unrecognised.append("\(sample.id) (the file is cut short)")
    }
  }

  private static func check(
    _ id: String, _ file: PositionedFile, offset: Int, count: Int, _ split: inout DoctorReport.Split
  ) {
    if let bytes = try? file.read(at: offset, count: min(count, 16)) {
      check(id, bytes, &split)
    } else {
      split.unrecognised.append(id)
    }
  }

  /// - Parameter bytes: the first ones, or all where there are fewer.
  private static func check(_ id: String, _ bytes: [UInt8], _ split: inout DoctorReport.Split) {
    if bytes.isEmpty {
      split.empty.append(id)
    } else if let format = ImageFiles.format(ofPrefix: bytes) {
      // Images in tables may have no file name, and then say nothing about their format.
      guard let ending = ImageFiles.fileExtension(id), !ending.contains("#") else { return }
      if !ImageFiles.isUsual(ending, for: format) { split.misnamed.append(id) }
    } else {
      split.unrecognised.append(id)
    }
  }
}
