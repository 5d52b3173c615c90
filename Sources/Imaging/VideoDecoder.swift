import Core
import Foundation

/// How ffmpeg is called, and what is made of what it says.
///
/// Frames are those that ffmpeg decodes of the first video stream, cover pictures aside, in the order they are shown; they are
/// counted by decoding, since what containers say of their number need not be true. The second run decodes in the same way, so
/// that numbers mean the same frame. Frames are turned as the file asks for; pixels that are not square, and interlaced ones, are
/// left as they are.
struct VideoDecoder: Sendable {
  let program: String
  let secondsLimit: Int

  /// Bytes of all the frames of one clip.
  private static let outputLimit = 1 << 30

  /// Playlists, lists of other files and images are none: a file's own bytes are all that is read.
  private static let containers =
    "avi,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpeg,mpegts,mpegvideo,m4v,flv,asf,ogg"

  var isAvailable: Bool {
    (try? ProgramRun.run(program, ["-version"], secondsLimit: secondsLimit, outputLimit: 1 << 20))?
      .isSuccess ?? false
  }

  /// One image for each chosen frame.
  func frames(of url: URL, _ choice: FrameChoice) throws -> [RasterImage] {
    try check(url)
    let count = try frameCount(of: url)
    let wanted = (0..<choice.count).map { choice.frame(at: $0, of: count) }
    let numbers = Array(Set(wanted)).sorted()
    let test = numbers.map { "eq(n,\($0))" }.joined(separator: "+")
    let output = try run(
      url,
      [
        "-vf", "select='\(test)'", "-frames:v", "\(numbers.count)", "-sws_flags",
        "bicubic+accurate_rnd+full_chroma_int+bitexact", "-pix_fmt", "rgb24", "-c:v", "ppm", "-f",
        "image2pipe", "pipe:1",
      ])
    let images = try PPMStream.images(output, name: url.path)
    guard images.count == numbers.count else {
      throw EvalError(
        .malformedData,
        "of \(count) frames, \(numbers.count) were asked for and \(images.count) came",
        subject: url.path)
    }
    let image = Dictionary(uniqueKeysWithValues: zip(numbers, images))
    return wanted.compactMap { image[$0] }
  }

  /// Frames that can be decoded.
  private func frameCount(of url: URL) throws -> Int {
    let output = try run(url, ["-f", "null", "-progress", "pipe:1", "-nostats", "-"])
    let counts = String(decoding: output, as: UTF8.self).split(separator: "\n")
      .filter { $0.hasPrefix("frame=") }
      .compactMap { Int($0.dropFirst("frame=".count).trimmingCharacters(in: .whitespaces)) }
    guard let count = counts.last, count > 0 else {
      throw EvalError(.malformedData, "no frame of this video can be decoded", subject: url.path)
    }
    return count
  }

  private func check(_ url: URL) throws {
    var info = stat()
    guard stat(url.path, &info) == 0 else {
      throw EvalError(
        .notFound, "cannot open: \(String(cString: strerror(errno)))", subject: url.path)
    }
    guard info.st_mode & S_IFMT == S_IFREG else {
      throw EvalError(.notFound, "expected a regular file", subject: url.path)
    }
    guard info.st_size > 0 else {
      throw EvalError(
        .malformedData, "the video is empty (0 bytes)", subject: url.path,
        remedy: "Fetch or extract the file again.")
    }
  }

  private func run(_ url: URL, _ arguments: [String]) throws -> Data {
    let path = url.standardizedFileURL.path
    let run: ProgramRun
    do {
      run = try ProgramRun.run(
        program,
        [
          "-nostdin", "-hide_banner", "-v", "error", "-protocol_whitelist", "file,pipe",
          "-format_whitelist", Self.containers, "-max_pixels", "\(ImageLimits.pixels)", "-threads",
          "1", "-flags", "bitexact",
          // With the scheme no name can be an option or a protocol.
          "-i", "file:\(path)", "-map", "0:V:0", "-threads", "1", "-vsync", "0",
        ] + arguments, secondsLimit: secondsLimit, outputLimit: Self.outputLimit)
    } catch .notFound(let what) {
      throw EvalError(
        .taskFailed, "\(what); it is the program that decodes videos",
        remedy: "Install ffmpeg (Debian: apt-get install ffmpeg).")
    } catch .timeLimit(let seconds) {
      throw EvalError(
        .malformedData, "ffmpeg did not finish with this video in \(seconds) seconds",
        subject: url.path)
    } catch .outputLimit(let bytes) {
      throw EvalError(
        .malformedData, "the frames of this video take more than \(bytes) bytes", subject: url.path)
    }
    guard run.isSuccess else {
      let reason = run.complaint.split(separator: "\n").last.map { ": \($0)" } ?? ""
      let end = run.signal.map { " (signal \($0))" } ?? ""
      throw EvalError(
        .malformedData, "ffmpeg cannot decode this video\(end)\(reason)", subject: url.path,
        remedy: "Fetch or extract the file again.")
    }
    return run.output
  }
}

/// The images that ffmpeg writes one after another: `P6\nWIDTH HEIGHT\n255\n` and the pixels.
private enum PPMStream {
  static func images(_ data: Data, name: String) throws -> [RasterImage] {
    var images: [RasterImage] = []
    try data.withUnsafeBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        let header = try header(bytes, at: &offset, name: name)
        try ImageLimits.check(
          width: header.width, height: header.height, what: "a frame", name: name)
        let count = 3 * header.width * header.height
        guard count <= bytes.count - offset else { throw damaged(name) }
        images.append(
          RasterImage(
            mode: .rgb, width: header.width, height: header.height,
            pixels: Array(bytes[offset..<(offset + count)])))
        offset += count
      }
    }
    return images
  }

  private static func header(
    _ bytes: UnsafeRawBufferPointer, at offset: inout Int, name: String
  ) throws -> (width: Int, height: Int) {
    var fields: [Substring] = []
    let text = String(decoding: bytes[offset..<min(offset + 64, bytes.count)], as: UTF8.self)
    var length = 0
    for line in text.split(separator: "\n", maxSplits: 3, omittingEmptySubsequences: false).prefix(
      3)
    {
      fields += line.split(separator: " ")
      length += line.utf8.count + 1
    }
    guard fields.count == 4, fields[0] == "P6", fields[3] == "255", let width = Int(fields[1]),
      let height = Int(fields[2])
    else { throw damaged(name) }
    offset += length
    return (width, height)
  }

  private static func damaged(_ name: String) -> EvalError {
    EvalError(.malformedData, "ffmpeg wrote no image that can be read", subject: name)
  }
}
