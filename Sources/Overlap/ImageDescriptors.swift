import Core
import LinearAlgebra

/// What the detectors keep of a run of images: hashes, and vectors of cells in several views. 40 bytes an image and 768 a view.
final class ImageDescriptors: @unchecked Sendable {
  // Each image is written by one worker, and read by all afterwards.
  let count: Int
  let views: [Warp]
  private let hashes: [PerceptualHash: ScratchBuffer]
  private let cells: FloatBuffer?
  private let states: ScratchBuffer

  enum State: UInt8 {
    case good, unreadable, withoutDetail
  }

  /// - Parameter views: of which vectors of cells are kept; none for none.
  init(count: Int, hashes kinds: [PerceptualHash], views: [Warp]) {
    self.count = count
    self.views = views
    hashes = Dictionary(
      uniqueKeysWithValues: kinds.map { ($0, ScratchBuffer(byteCount: count * $0.words * 8)) })
    cells =
      views.isEmpty ? nil : FloatBuffer(count: count * views.count * CellVector.width)
    states = ScratchBuffer(byteCount: count)
  }

  /// - Parameter aspect: of the image, width over height.
  func describe(_ index: Int, _ pixels: UnsafePointer<UInt8>, aspect: Double) {
    let luma = Thumbnail.luma(pixels)
    guard Thumbnail.hasDetail(luma: luma) else {
      clear(index, .withoutDetail)
      return
    }
    for (kind, buffer) in hashes {
      let words = buffer.pointer.assumingMemoryBound(to: UInt64.self) + index * kind.words
      for (i, word) in kind.hash(luma: luma).enumerated() { words[i] = word }
    }
    if let cells = vector(of: index) {
      CellVector.write(Pyramid(pixels), views: views.map { $0.squeezed(aspect) }, into: cells)
    }
    setState(index, .good)
  }

  /// No picture: nothing is near it.
  func clear(_ index: Int, _ state: State) {
    for (kind, buffer) in hashes {
      let words = buffer.pointer.assumingMemoryBound(to: UInt64.self) + index * kind.words
      for i in 0..<kind.words { words[i] = 0 }
    }
    if let cells = vector(of: index) {
      cells.update(repeating: 0, count: views.count * CellVector.width)
    }
    setState(index, state)
  }

  private func setState(_ index: Int, _ state: State) {
    states.pointer.storeBytes(of: state.rawValue, toByteOffset: index, as: UInt8.self)
  }

  func state(_ index: Int) -> State {
    State(rawValue: states.pointer.load(fromByteOffset: index, as: UInt8.self)) ?? .unreadable
  }

  func hash(_ kind: PerceptualHash, of index: Int) -> UnsafePointer<UInt64>? {
    hashes[kind].map {
      UnsafePointer($0.pointer.assumingMemoryBound(to: UInt64.self) + index * kind.words)
    }
  }

  /// views × width.
  func vector(of index: Int) -> UnsafeMutablePointer<Float>? {
    cells.map { $0.pointer + index * views.count * CellVector.width }
  }
}
