import Core
import Datasets
import Foundation
import Imaging

/// Reads and hashes what identifies a sample: the bytes of its file, or the raw pixels.
enum SampleReader {
  /// A sample that cannot be read has the hash of the empty string: once it can be, its shard has another address.
  static let unreadable = SHA256.hash("")

  static func contentHash(_ source: ImageSource) -> SHA256Digest {
    (try? source.withBytes { SHA256.hash($0) }) ?? unreadable
  }
}

/// Asks the system to read files ahead of the workers, so that they wait for no disk.
enum Readahead {
  static func advise(_ samples: ArraySlice<DatasetSample>) {
    var last: (url: URL, offset: Int)?
    for sample in samples {
      let (url, offset, count): (URL, Int, Int)
      switch sample.source {
      case .file(let file): (url, offset, count) = (file, 0, 0)
      case .range(let file, let start, let length): (url, offset, count) = (file, start, length)
      case .stored(let store, let index):
        let extent = store.extent(of: index)
        (url, offset, count) = (store.url, extent.lowerBound, extent.count)
        // Neighbours share a page.
        if let last, last == (url, offset) { continue }
        last = (url, offset)
      case .raster: continue
      }
      let descriptor = open(url.path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      posix_fadvise(descriptor, off_t(offset), off_t(count), Int32(POSIX_FADV_WILLNEED))
      close(descriptor)
    }
  }
}

/// What the store's manifests of an index are filed under: ids, labels and sizes (the index fingerprint) and
/// the files' modification times, so that a file edited in place is read again.
enum CandidateKey {
  static func hash(_ index: DatasetIndex) -> SHA256Digest {
    var hasher = SHA256()
    hasher.update(index.fingerprint.hex)
    var last: URL?
    for sample in index.samples {
      if let time = sample.modificationTime {
        let (seconds, rest) = time.quotientAndRemainder(dividingBy: 1_000_000_000)
        hasher.update(
          rest < 0 ? "\n\(seconds - 1).\(rest + 1_000_000_000)" : "\n\(seconds).\(rest)")
        continue
      }
      let url: URL
      switch sample.source {
      case .file(let file), .range(let file, _, _): url = file
      case .stored(let store, _): url = store.url
      case .raster(let image):
        image.pixels.withUnsafeBytes { hasher.update($0) }
        continue
      }
      if url == last { continue }
      last = url
      var info = stat()
      let time = stat(url.path, &info) == 0 ? info.st_mtim : timespec()
      hasher.update("\n\(time.tv_sec).\(time.tv_nsec)")
    }
    return hasher.finalize()
  }
}
