import CKernels
import Core
import Foundation
import TestSupport
import Testing

import Imaging

@Suite struct PreprocessorTests {
  @Test func theOrdersRoundOddMarginsDifferently() throws {
    // Python: int(round(m / 2.0)) and m // 2, for m = -5 ... 7 (a smaller image is padded first).
    let openai = [-2, -2, -1, -1, 0, 0, 0, 1, 2, 2, 2, 3, 4]
    let huggingface = [-3, -2, -2, -1, -1, 0, 0, 1, 1, 2, 2, 3, 3]
    for (i, margin) in (-5...7).enumerated() {
      for (order, expected) in [
        (PreprocessRecipe.Order.openai, openai[i]), (.huggingface, huggingface[i]),
      ] {
        let recipe = PreprocessRecipe(order: order, resize: .none, crop: .center(20))
        let geometry = try CropGeometry(recipe, width: 20 + margin, height: 20, name: "x")
        #expect(geometry.left == expected, "\(order) \(margin)")
        #expect(geometry.top == 0)
      }
    }
  }

  /// All kernels compute one sum, so forcing the portable one must not move a bit.
  @Test(arguments: try ImagingFixtures.load().images)
  func everyInstructionSetGivesTheSamePixels(_ fixture: ImagingFixtures.Image) throws {
    let image = try ImageDecoder.decode(.file(fixture.url))
    let best = resize_best_isa()
    for order in PreprocessRecipe.Order.allCases {
      for size in [9, 77] {
        let preprocessor = try Preprocessor(PreprocessRecipe(order: order, size: size))
        let portable = try preprocessor.pixels(
          of: image, workspace: PreprocessWorkspace(isa: RESIZE_PORTABLE))
        for isa in [RESIZE_AVX2, RESIZE_AVX512_VNNI] where isa.rawValue <= best.rawValue {
          let other = try preprocessor.pixels(of: image, workspace: PreprocessWorkspace(isa: isa))
          #expect(other == portable, "\(isa) \(order) \(size)")
        }
      }
    }
  }

  @Test func aReusedWorkspaceChangesNothing() throws {
    let workspace = PreprocessWorkspace()
    let preprocessor = try Preprocessor(PreprocessRecipe(order: .openai, size: 50))
    for fixture in try ImagingFixtures.load().images + ImagingFixtures.load().images.reversed() {
      let image = try ImageDecoder.decode(.file(fixture.url))
      #expect(
        try preprocessor.pixels(of: image, workspace: workspace) == preprocessor.pixels(of: image),
        "\(fixture)")
    }
  }

  @Test func normalisesAsTheLibrariesDo() throws {
    let image = RasterImage(mode: .rgb, width: 1, height: 1, pixels: [0, 100, 255])
    func values(_ order: PreprocessRecipe.Order) throws -> [Float] {
      let preprocessor = try Preprocessor(
        PreprocessRecipe(order: order, resize: .none, crop: .none))
      var output = [Float](repeating: 0, count: 3)
      try output.withUnsafeMutableBufferPointer { try preprocessor.preprocess(image, into: $0) }
      return output
    }
    // numpy: ((np.float32([0, 100, 255]) / 255) - mean) / std in float32.
    let expected: [Float] = [-1.7922626, -0.25132027, 2.145897]
    #expect(try values(.openai) == expected)
    #expect(try values(.huggingface) == expected)
  }

  @Test func statesItsOutputSize() throws {
    let fixed = try Preprocessor(PreprocessRecipe(order: .openai, size: 224))
    #expect(fixed.outputSize?.width == 224 && fixed.outputSize?.height == 224)
    let free = try Preprocessor(
      PreprocessRecipe(order: .openai, resize: .shorterSide(10), crop: .none))
    #expect(free.outputSize == nil)
    #expect(try free.outputSize(width: 20, height: 31) == (10, 15))
  }

  @Test func refusesInconsistentPixels() throws {
    let preprocessor = try Preprocessor(PreprocessRecipe(order: .openai, size: 4))
    for image in [
      RasterImage(mode: .rgb, width: 2, height: 2, pixels: [1, 2, 3]),
      RasterImage(mode: .l, width: 0, height: 2, pixels: []),
      RasterImage(mode: .l, width: -1, height: -1, pixels: [1]),
      RasterImage(mode: .l, width: Int.max, height: 2, pixels: []),
      RasterImage(mode: .palette, width: 1, height: 1, pixels: [0], palette: [1]),
    ] {
      let error = try #require(throws: EvalError.self) { try preprocessor.pixels(of: image) }
      #expect(error.kind == .malformedData)
    }
    var small = [Float](repeating: 0, count: 5)
    let pixel = RasterImage(mode: .l, width: 1, height: 1, pixels: [9])
    let error = try #require(throws: EvalError.self) {
      try small.withUnsafeMutableBufferPointer { try preprocessor.preprocess(pixel, into: $0) }
    }
    #expect(error.kind == .bug)
  }

  @Test func refusesOutputsBeyondTheLimit() throws {
    // 1 × 2000 pixels with the shorter side at 900,000 would be 1.6·10¹⁵ pixels.
    let preprocessor = try Preprocessor(
      PreprocessRecipe(order: .openai, resize: .shorterSide(900_000), crop: .none))
    let image = RasterImage(
      mode: .l, width: 1, height: 2000, pixels: [UInt8](repeating: 0, count: 2000))
    #expect(throws: EvalError.self) { try preprocessor.pixels(of: image) }
  }

  /// Cutting a file anywhere is an error, never a crash and never a picture.
  @Test(arguments: [
    "rgb-420-75x50.jpg", "progressive-90x67.jpg", "palette-47x35.png", "rgb-20x30.ppm",
    "lossy-51x37.webp", "lossless-alpha-33x27.webp", "animation-36x29.webp", "palette-47x35.gif",
    "interlaced-31x27.gif", "rgb-tiff_lzw-43x32.tif", "palette-lzw-40x29.tif", "strips-50x41.tif",
    "tiles-deflate-50x41.tif",
    "rgb-41x30.bmp", "palette-4bit-35x22.bmp", "runs-8bit-35x22.bmp", "plain-17x13.ppm",
    "deep-17x13.pgm", "binary-19x11.pbm", "rgb-23x18.npy",
  ])
  func everyTruncationIsAnError(name: String) throws {
    let bytes = Array(try readFile(ImagingFixtures.folder.appending(path: name)))
    // The last bytes may be none of the picture's: a PNG's checksums and end chunk, a GIF's end marks, a blank, padding.
    // Pillow does not need them either.
    let unneeded = ["png": 20, "gif": 4, "ppm": 4, "bmp": 4]
    let end = bytes.count - (unneeded[String(name.suffix(3))] ?? 1)
    for count in stride(from: 0, through: end, by: 13) {
      let error = try #require(throws: EvalError.self, "\(count) bytes of \(name)") {
        try bytes.prefix(count).withUnsafeBytes {
          try ImageDecoder.decode(bytes: $0, name: name)
        }
      }
      #expect(error.kind == .malformedData)
    }
  }

  /// Preprocessing decodes a window of the image only, and must refuse what a full decoding refuses: also a file
  /// that ends after the last row that is looked at.
  @Test(arguments: ["progressive-tall-61x437.jpg", "tall-420-61x437.jpg"])
  func truncationBelowTheWindowIsAnError(name: String) throws {
    let bytes = Array(try readFile(ImagingFixtures.folder.appending(path: name)))
    let preprocessor = try Preprocessor(PreprocessRecipe(order: .openai, size: 16))
    let workspace = PreprocessWorkspace()
    var tensor = [Float](repeating: 0, count: 3 * 256)
    for count in stride(from: bytes.count - 2, to: bytes.count / 2, by: -7) {
      let error = #expect(throws: EvalError.self, "\(count) of \(bytes.count) bytes") {
        try bytes.prefix(count).withUnsafeBytes { bytes in
          try tensor.withUnsafeMutableBufferPointer {
            try preprocessor.preprocess(bytes: bytes, name: name, into: $0, workspace: workspace)
          }
        }
      }
      #expect(error?.message.contains("truncated") == true)
    }
  }

  /// What a window of an image and the whole of it become: nil for an error.
  private func windowedAndWhole(
    _ bytes: [UInt8], size: Int, workspace: PreprocessWorkspace
  ) throws -> (windowed: [Float]?, whole: [Float]?) {
    let preprocessor = try Preprocessor(PreprocessRecipe(order: .openai, size: size))
    func tensor(_ fill: (UnsafeMutableBufferPointer<Float>) throws -> Void) -> [Float]? {
      var values = [Float](repeating: 0, count: 3 * size * size)
      let result = Result { try values.withUnsafeMutableBufferPointer { try fill($0) } }
      return if case .success = result { values } else { nil }
    }
    let windowed = tensor { output in
      try bytes.withUnsafeBytes {
        try preprocessor.preprocess(bytes: $0, name: "test", into: output, workspace: workspace)
      }
    }
    let whole = tensor { output in
      let image = try bytes.withUnsafeBytes { try ImageDecoder.decode(bytes: $0, name: "test") }
      try preprocessor.preprocess(image, into: output, workspace: workspace)
    }
    return (windowed, whole)
  }

  /// Where damaged data still make a picture, it is Pillow's, who decodes all of it.
  @Test(arguments: ["tall-420-61x437.jpg", "wide-422-437x61.jpg"])
  func damageLooksTheSameInAWindow(name: String) throws {
    let bytes = Array(try readFile(ImagingFixtures.folder.appending(path: name)))
    let workspace = PreprocessWorkspace()
    for position in stride(from: 2, to: bytes.count, by: 3) {
      var damaged = bytes
      damaged[position] ^= 0x51
      let (windowed, whole) = try windowedAndWhole(damaged, size: 48, workspace: workspace)
      #expect(windowed == whole, "byte \(position)")
    }
  }

  /// libjpeg smooths the blocks of a progressive image that lacks scans, across the edges of any window.
  @Test(arguments: ["progressive-tall-61x437.jpg", "progressive-wide-437x61.jpg"])
  func missingScansLookTheSameInAWindow(name: String) throws {
    let bytes = Array(try readFile(ImagingFixtures.folder.appending(path: name)))
    let scans = bytes.indices.filter { bytes[$0...].starts(with: [0xFF, 0xDA]) }
    try #require(scans.count > 4)
    for end in scans.dropFirst() {
      let (windowed, whole) = try windowedAndWhole(
        bytes[..<end] + [0xFF, 0xD9], size: 48, workspace: PreprocessWorkspace())
      #expect(whole != nil && windowed == whole, "\(end) bytes")
    }
  }

  /// Each scan of a progressive JPEG passes over the whole image, whatever few bytes it has.
  @Test func scansAreLimitedByTheImage() throws {
    let fixture = Array(
      try readFile(ImagingFixtures.folder.appending(path: "progressive-90x67.jpg")))
    /// The fixture as an image of `side`², with `extra` more scans without data.
    func jpeg(side: Int, extra: Int) throws -> [UInt8] {
      var bytes = fixture
      let frame = try #require(bytes.indices.first { bytes[$0...].starts(with: [0xFF, 0xC2]) })
      let sides = [UInt8(side >> 8), UInt8(side & 255)]
      bytes.replaceSubrange(frame + 5..<frame + 9, with: sides + sides)
      let last = try #require(bytes.indices.last { bytes[$0...].starts(with: [0xFF, 0xDA]) })
      let header = bytes[last..<last + 2 + Int(bytes[last + 3])]
      bytes.removeLast(2)
      for _ in 0..<extra { bytes += header }
      return bytes + [0xFF, 0xD9]
    }
    for (side, extra, isRefused) in [
      (64, 900, false), (64, 1000, true), (2600, 80, false), (2600, 700, true),
    ] {
      let bytes = try jpeg(side: side, extra: extra)
      let result = Result {
        try bytes.withUnsafeBytes { try ImageDecoder.decode(bytes: $0, name: "scans.jpg") }
      }
      switch result {
      case .success(let image): #expect(!isRefused && image.width == side && image.height == side)
      case .failure(let error):
        #expect(isRefused)
        #expect((error as? EvalError)?.message.contains("scans") == true)
      }
    }
  }

  /// Damage may leave a picture or an error; either way the process and its memory stay whole.
  @Test(arguments: try ImagingFixtures.load().images)
  func damageIsSurvived(_ fixture: ImagingFixtures.Image) throws {
    let bytes = Array(try readFile(fixture.url))
    let preprocessor = try Preprocessor(PreprocessRecipe(order: .openai, size: 16))
    let workspace = PreprocessWorkspace()
    var tensor = [Float](repeating: 0, count: 3 * 256)
    for position in stride(from: 8, to: bytes.count, by: max(1, bytes.count / 60)) {
      var damaged = bytes
      damaged[position] ^= 0xA5
      damaged.withUnsafeBytes { input in
        tensor.withUnsafeMutableBufferPointer { output in
          do {
            try preprocessor.preprocess(
              bytes: input, name: fixture.name, into: output, workspace: workspace)
          } catch {
            #expect(error is EvalError)
          }
        }
      }
    }
  }
}

@Suite struct ImageSourceTests {
  @Test func readsARangeOfALargerFile() throws {
    let folder = try TemporaryFolder()
    let image = try readFile(ImagingFixtures.folder.appending(path: "rgb-420-75x50.jpg"))
    let shard = folder.url.appending(path: "shard.tar")
    try (Data(repeating: 7, count: 512) + image + Data(repeating: 9, count: 100)).write(to: shard)
    let source = ImageSource.range(shard, offset: 512, count: image.count)
    #expect(try source.withBytes { Data($0) } == image)
    #expect(try ImageDecoder.decode(source).width == 75)
    for (offset, count) in [(512, image.count + 101), (-1, 5), (10_000_000, 1), (0, -1)] {
      let error = try #require(throws: EvalError.self) {
        try ImageSource.range(shard, offset: offset, count: count).withBytes { $0.count }
      }
      #expect(error.kind == .malformedData)
    }
  }

  @Test func namesWhatIsMissing() throws {
    let folder = try TemporaryFolder()
    for url in [folder.url, folder.url.appending(path: "absent.jpg")] {
      let error = try #require(throws: EvalError.self) {
        try ImageSource.file(url).withBytes { $0.count }
      }
      #expect(error.kind == .notFound)
      #expect(error.subject == url.path)
    }
  }

  @Test func storedPixelsAreIdentifiedByShapeAndContent() throws {
    let pixels: [UInt8] = [1, 2, 3, 4, 5, 6]
    let wide = RasterImage(mode: .l, width: 3, height: 2, pixels: pixels)
    let tall = RasterImage(mode: .l, width: 2, height: 3, pixels: pixels)
    let header = Array("raster L 3 2 0\n".utf8)
    #expect(try ImageSource.raster(wide).withBytes { Array($0) } == header + pixels)
    func hash(_ image: RasterImage) throws -> SHA256Digest {
      try ImageSource.raster(image).withBytes(SHA256.hash)
    }
    #expect(try hash(wide) != hash(tall))
  }
}
