import Core
package import Foundation

/// Where a sample's pixels come from.
package enum ImageSource: Sendable {
  /// An encoded image in a file of its own.
  case file(URL)
  /// An encoded image inside a larger file (a tar shard): `count` bytes from `offset`.
  case range(URL, offset: Int, count: Int)
  /// An encoded image that its file holds packed with others (a Parquet column), by its number there.
  case stored(any EncodedImageStore, index: Int)
  /// Pixels that a dataset stores raw (CIFAR, MNIST), with the bytes that identify them.
  case raster(RasterImage)
  /// The same, left in its file until it is asked for (STL-10, SVHN, PCam), by its number there.
  case storedRaster(any RasterStore, index: Int)
}

/// Encoded images that lie together in a file, in a form that takes more than reading a range of its bytes.
package protocol EncodedImageStore: AnyObject, Sendable {
  var url: URL { get }

  /// Calls `body` with the bytes of an image, which are valid during the call only. Called from many threads.
  func withBytes<Result>(
    of index: Int, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result

  /// The bytes of the file that have to be read for an image, and usually for its neighbours.
  func extent(of index: Int) -> Range<Int>
}

/// Images that lie together in a file as raw pixels, often in another order than an image's rows.
package protocol RasterStore: AnyObject, Sendable {
  var url: URL { get }

  /// Called from many threads.
  /// - Throws: `EvalError.malformedData` when the file is damaged or has changed, `.notFound` when it is gone.
  func raster(_ index: Int) throws -> RasterImage

  /// The bytes of the file that have to be read for an image; empty where they are not known.
  func extent(of index: Int) -> Range<Int>
}

extension ImageSource {
  /// What error messages call it.
  package var name: String {
    switch self {
    case .file(let url): url.path
    case .range(let url, let offset, _): "\(url.path), byte \(offset)"
    case .stored(let store, let index): "\(store.url.path), row \(index)"
    case .raster(let image): "a stored \(image.width)×\(image.height) \(image.mode.rawValue) image"
    case .storedRaster(let store, let index): "\(store.url.path), image \(index)"
    }
  }

  /// The pixels where they are stored as such, nil for an encoded image.
  func raster() throws -> RasterImage? {
    switch self {
    case .raster(let image): image
    case .storedRaster(let store, let index): try store.raster(index)
    case .file, .range, .stored: nil
    }
  }

  /// Calls `body` with the bytes that identify the image: those of the encoded image, or, for stored pixels, a
  /// line `raster MODE WIDTH HEIGHT PALETTE-BYTES`, the palette and the pixels.
  /// - Throws: `EvalError.notFound` when the file cannot be read, `.malformedData` when it is too short or too large.
  package func withBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    try withBytes(in: ScratchBuffer(), body)
  }

  /// - Parameter buffer: memory to read into, so that a loop over files does not allocate.
  func withBytes<Result>(
    in buffer: ScratchBuffer, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) throws -> Result {
    switch self {
    case .file(let url):
      return try body(Self.read(url, offset: 0, count: nil, into: buffer, name: name))
    case .range(let url, let offset, let count):
      return try body(Self.read(url, offset: offset, count: count, into: buffer, name: name))
    case .stored(let store, let index):
      return try store.withBytes(of: index, body)
    case .raster(let image): return try image.withIdentifyingBytes(body)
    case .storedRaster(let store, let index):
      return try store.raster(index).withIdentifyingBytes(body)
    }
  }

  private static func read(
    _ url: URL, offset: Int, count: Int?, into buffer: ScratchBuffer, name: String
  ) throws -> UnsafeRawBufferPointer {
    let descriptor = url.withUnsafeFileSystemRepresentation { path in
      path.map { open($0, O_RDONLY | O_CLOEXEC) } ?? -1
    }
    guard descriptor >= 0 else {
      throw EvalError(
        .notFound, "cannot open: \(String(cString: strerror(errno)))", subject: name)
    }
    defer { close(descriptor) }
    var info = stat()
    guard fstat(descriptor, &info) == 0, info.st_mode & S_IFMT == S_IFREG else {
      throw EvalError(.notFound, "expected a regular file", subject: name)
    }
    let size = Int(info.st_size)
    let wanted = count ?? size
    guard offset >= 0, wanted >= 0, offset <= size, wanted <= size - offset else {
      throw EvalError(
        .malformedData,
        "expected \(wanted) bytes from byte \(offset), found a file of \(size) bytes.",
        subject: name,
        remedy: "The file has changed or was cut short; fetch it again.")
    }
    guard wanted <= ImageLimits.encodedBytes else {
      throw EvalError(
        .malformedData,
        "expected an image file, found \(wanted) bytes (the limit is \(ImageLimits.encodedBytes))",
        subject: name)
    }
    let memory = try buffer.bytes(wanted)
    var done = 0
    while done < wanted {
      let got = pread(descriptor, memory + done, wanted - done, off_t(offset + done))
      if got < 0, errno == EINTR { continue }
      guard got > 0 else {
        let reason = got < 0 ? String(cString: strerror(errno)) : "the file shrank while being read"
        throw EvalError(.notFound, "cannot read: \(reason)", subject: name)
      }
      done += got
    }
    return UnsafeRawBufferPointer(start: memory, count: wanted)
  }
}
