import Core
import Dispatch
import Imaging
import Synchronization

/// Decodes every image of a split, to know which cannot be.
enum ImageCheck {
  /// Images that one worker takes at a time.
  private static let portion = 32

  /// - Throws: `EvalError.interrupted`.
  static func undecodable(
    _ index: DatasetIndex, _ progress: any ProgressSink
  ) throws -> [DoctorReport.Undecodable] {
    let samples = index.samples
    let found = Mutex<[Int: String]>([:])
    progress.begin("\(index.dataset), \(index.split): decoding", total: samples.count)
    defer { progress.end() }
    DispatchQueue.concurrentPerform(iterations: (samples.count + portion - 1) / portion) { number in
      guard !Interruption.isRequested else { return }
      let range = number * portion..<min((number + 1) * portion, samples.count)
      for position in range {
        do {
          _ = try ImageDecoder.decode(samples[position].source)
        } catch {
          let reason = (error as? EvalError)?.message ?? "\(error)"
          found.withLock { $0[position] = reason }
        }
      }
      progress.advance(range.count, cached: false)
    }
    guard !Interruption.isRequested else {
      throw EvalError(.interrupted, "interrupted while decoding images", subject: index.dataset)
    }
    return found.withLock { $0 }.sorted { $0.key < $1.key }.map {
      DoctorReport.Undecodable(id: samples[$0.key].id, reason: $0.value)
    }
  }
}
