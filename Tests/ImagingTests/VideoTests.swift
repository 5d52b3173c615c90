import Core
import Foundation
import Imaging
import TestSupport
import Testing

/// Videos whose frame i is a flat grey of luma 20 + 8·i (Tools/make-video-fixtures.py).
@Suite struct VideoTests {
  private let folder = TestPaths.fixtures.appending(path: "datasets/videos")

  /// The number that a frame's pixels say.
  private func number(_ image: RasterImage) -> Int {
    let middle = 3 * (image.height / 2 * image.width + image.width / 2)
    // Limited range: luma 16…235 are 0…255.
    let luma = 16 + Double(image.pixels[middle]) * 219 / 255
    return Int(((luma - 20) / 8).rounded())
  }

  private func frames(
    _ url: URL, _ choice: FrameChoice, reader: VideoReader = VideoReader()
  ) throws -> [Int] {
    try (0..<choice.count).map {
      number(
        try ImageDecoder.decode(
          .frame(VideoFrame(url, position: $0, choice: choice, reader: reader))))
    }
  }

  private func error(_ url: URL, reader: VideoReader = VideoReader()) throws -> EvalError {
    try #require(
      throws: EvalError.self, performing: { try frames(url, .middle, reader: reader) })
  }

  @Test(
    "the middle frame is ⌊n/2⌋ of what decodes, whatever codec and container, and whatever the container says"
  )
  func middle() throws {
    let truth = try JSONDecoder().decode(
      [String: Int].self, from: Data(contentsOf: folder.appending(path: "videos.json")))
    #expect(truth.count == 6)
    for (name, count) in truth.sorted(by: { $0.key < $1.key }) {
      #expect(try frames(folder.appending(path: name), .middle) == [count / 2], "\(name)")
    }
  }

  @Test("uniform:N takes the middles of N equal parts, and repeats frames of short videos")
  func uniform() throws {
    let nine = folder.appending(path: "liar.avi")
    #expect(try frames(nine, .uniform(1)) == [4])
    #expect(try frames(nine, .uniform(3)) == [1, 4, 7])
    #expect(try frames(nine, .uniform(4)) == [1, 3, 5, 7])
    #expect(try frames(nine, .uniform(9)) == Array(0..<9))
    #expect(try frames(folder.appending(path: "web.webm"), .uniform(7)) == [0, 1, 1, 2, 3, 3, 4])
    #expect(try frames(folder.appending(path: "one.mp4"), .uniform(2)) == [0, 0])
    // Without room to keep any, each is decoded anew.
    #expect(try frames(nine, .uniform(3), reader: VideoReader(budget: 0)) == [1, 4, 7])
  }

  @Test func choices() {
    #expect(FrameChoice("middle") == .middle && FrameChoice("uniform:8") == .uniform(8))
    #expect(FrameChoice("uniform:8")?.description == "uniform:8")
    for wrong in ["", "all", "uniform", "uniform:0", "uniform:-1", "uniform:x", "uniform:1001"] {
      #expect(FrameChoice(wrong) == nil, "\(wrong)")
    }
  }

  @Test("names that look like options, patterns or protocols are names")
  func names() throws {
    let scene = try TemporaryFolder()
    for name in ["-y.mp4", "a%03d b.mp4", "http:x.mp4", "it's.mp4", "a\nb.mp4"] {
      let url = URL(filePath: scene.url.path + "/" + name, directoryHint: .notDirectory)
      try FileManager.default.copyItem(at: folder.appending(path: "even.mp4"), to: url)
      #expect(try frames(url, .middle) == [4], "\(name)")
    }
  }

  @Test("many threads, one reader")
  func threads() async throws {
    let reader = VideoReader()
    let names = ["odd.avi", "even.mp4", "web.webm", "liar.avi"]
    let found = try await withThrowingTaskGroup(of: (Int, [Int]).self) { group in
      for number in 0..<16 {
        group.addTask {
          (
            number,
            try frames(folder.appending(path: names[number % 4]), .uniform(2), reader: reader)
          )
        }
      }
      return try await group.reduce(into: [Int: [Int]]()) { $0[$1.0] = $1.1 }
    }
    let expected = [[1, 5], [2, 6], [1, 3], [2, 6]]
    for number in 0..<16 { #expect(found[number] == expected[number % 4]) }
  }

  @Test("what cannot be decoded is malformed, and says so")
  func damaged() throws {
    let scene = try TemporaryFolder()
    for name in ["cut.mp4", "noise.avi", "playlist.mp4"] {
      let error = try error(folder.appending(path: name))
      #expect(error.kind == .malformedData && error.subject?.hasSuffix(name) == true, "\(error)")
    }
    let empty = scene.url.appending(path: "empty.avi")
    try Data().write(to: empty)
    #expect(try error(empty).message.contains("0 bytes"))
    #expect(try error(scene.url.appending(path: "absent.avi")).kind == .notFound)
    #expect(try error(scene.url).kind == .notFound)
  }

  @Test(
    "an ffmpeg that is missing stops the work; one that hangs, fails or writes nonsense, the clip")
  func programs() throws {
    let video = folder.appending(path: "even.mp4")
    let missing = VideoReader(program: "/nonexistent/ffmpeg")
    #expect(!missing.isAvailable && VideoReader().isAvailable)
    let absent = try error(video, reader: missing)
    #expect(absent.kind == .taskFailed && absent.remedy?.contains("Install ffmpeg") == true)

    let scene = try TemporaryFolder()
    func stub(_ script: String) throws -> VideoReader {
      let url = scene.url.appending(path: UUID().uuidString)
      // Written by another process: a child that a test beside this one starts meanwhile would hold the open file, which then cannot be run.
      let written = try ProgramRun.run(
        "/bin/sh",
        ["-c", #"printf '#!/bin/sh\n%s\n' "$1" > "$2" && chmod 755 "$2""#, "sh", script, url.path],
        secondsLimit: 60, outputLimit: 1 << 10)
      #expect(written.isSuccess, "\(written.complaint)")
      return VideoReader(program: url.path, secondsLimit: 1)
    }
    let hanging = try error(video, reader: stub("sleep 600"))
    #expect(hanging.kind == .malformedData && hanging.message.contains("1 seconds"))
    let failing = try error(video, reader: stub("echo first >&2; echo 'no codec' >&2; exit 1"))
    #expect(failing.message.hasSuffix("no codec"))
    #expect(try error(video, reader: stub("exit 0")).message.contains("no frame"))
    let nonsense = try error(video, reader: stub("echo frame=3; echo progress=end"))
    #expect(nonsense.message.contains("no image"))
  }

  @Test("identity is the file's bytes and the frame, and needs no decoding")
  func identity() throws {
    let reader = VideoReader(program: "/nonexistent/ffmpeg")
    func hash(_ name: String, _ choice: FrameChoice, _ position: Int) throws -> SHA256Digest {
      let frame = VideoFrame(
        folder.appending(path: name), position: position, choice: choice, reader: reader)
      return try ImageSource.frame(frame).withBytes { SHA256.hash($0) }
    }
    let all = [
      try hash("odd.avi", .middle, 0), try hash("odd.avi", .uniform(2), 0),
      try hash("odd.avi", .uniform(2), 1), try hash("even.mp4", .middle, 0),
    ]
    #expect(Set(all).count == 4)
    #expect(try hash("odd.avi", .middle, 0) == all[0])
  }

  @Test("a frame goes through the preprocessing as any image")
  func preprocessing() throws {
    let source = ImageSource.frame(
      VideoFrame(
        folder.appending(path: "odd.avi"), position: 0, choice: .middle, reader: VideoReader()))
    let image = try ImageDecoder.decode(source)
    #expect(image.mode == .rgb && image.width == 16 && image.height == 16)
    let preprocessor = try Preprocessor(PreprocessRecipe(order: .openai, size: 8))
    var tensor = [Float](repeating: 0, count: 3 * 8 * 8)
    let digest = try tensor.withUnsafeMutableBufferPointer {
      try preprocessor.preprocess(source, into: $0, workspace: PreprocessWorkspace(), hashing: true)
    }
    #expect(try digest == source.withBytes { SHA256.hash($0) })
    var direct = tensor
    try direct.withUnsafeMutableBufferPointer { try preprocessor.preprocess(image, into: $0) }
    #expect(direct == tensor && tensor.contains { $0 != 0 })
  }
}
