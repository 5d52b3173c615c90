import Core
import Foundation
import Imaging
import TestSupport
import Testing

/// Every pixel as Pillow gives it, for images of every kind in both orders.
@Suite struct PillowParityTests {
  @Test(arguments: try ImagingFixtures.load().images)
  func decodes(_ fixture: ImagingFixtures.Image) throws {
    let image = try ImageDecoder.decode(.file(fixture.url))
    #expect(image.mode.rawValue == fixture.mode)
    #expect(image.width == fixture.width)
    #expect(image.height == fixture.height)
    #expect(digest(image.pixels) == fixture.pixels)
  }

  @Test(arguments: try ImagingFixtures.load().images)
  func preprocesses(_ fixture: ImagingFixtures.Image) throws {
    let image = try ImageDecoder.decode(.file(fixture.url))
    let workspace = PreprocessWorkspace()
    for expected in fixture.outputs {
      let preprocessor = try Preprocessor(expected.recipe)
      let result = try preprocessor.pixels(of: image, workspace: workspace)
      try #require(result.width == expected.width && result.height == expected.height)
      for sample in expected.samples {
        let start = 3 * (sample[0] * result.width + sample[1])
        let found = result.pixels[start..<start + 3].map(Int.init)
        #expect(found == Array(sample[2...]), "\(expected.recipe) at \(sample.prefix(2))")
      }
      #expect(digest(result.pixels) == expected.sha256, "\(expected.recipe)")

      // The path from the encoded bytes decodes only a window; it must see the same pixels.
      let area = result.width * result.height
      var tensor = [Float](repeating: -1, count: 3 * area)
      let hash = try tensor.withUnsafeMutableBufferPointer {
        try preprocessor.preprocess(
          .file(fixture.url), into: $0, workspace: workspace, hashing: true)
      }
      let interleaved = (0..<3 * area).map { tensor[$0 % 3 * area + $0 / 3] }
      #expect(interleaved == result.pixels.map(Float.init), "\(expected.recipe)")
      #expect(try hash == SHA256.hash(fileAt: fixture.url))
    }
  }

  @Test(arguments: try ImagingFixtures.load().broken)
  func refuses(_ fixture: ImagingFixtures.Broken) throws {
    let error = try #require(throws: EvalError.self) {
      try ImageDecoder.decode(.file(fixture.url))
    }
    #expect(error.kind == .malformedData)
    #expect(error.message.contains(fixture.error), "\(error)")
    #expect(error.subject?.contains(fixture.name) == true)

    let preprocessor = try Preprocessor(PreprocessRecipe(order: .openai, size: 8))
    var tensor = [Float](repeating: 0, count: 3 * 64)
    #expect(throws: EvalError.self) {
      try tensor.withUnsafeMutableBufferPointer {
        _ = try preprocessor.preprocess(
          .file(fixture.url), into: $0, workspace: PreprocessWorkspace())
      }
    }
  }

  /// Real photos with the float32 tensors that OpenAI's preprocessing made of them.
  @Test func matchesOpenAITensors() throws {
    guard let folder = TestPaths.shared("reference/clip-retrieval-pixels") else { return }
    let preprocessor = try Preprocessor(PreprocessRecipe(order: .openai, size: 224))
    let workspace = PreprocessWorkspace()
    let photos = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".jpg") }
    #expect(photos.count == 7)
    for photo in photos {
      var tensor = [Float](repeating: 0, count: 3 * 224 * 224)
      _ = try tensor.withUnsafeMutableBufferPointer {
        try preprocessor.preprocess(
          .file(folder.appending(path: photo)), into: $0, workspace: workspace)
      }
      let stem = photo.dropLast(4)
      let reference = try Data(
        contentsOf: folder.appending(path: "\(stem)_preprocessed_f32_3x224x224.npy"))
      // The array's bytes end the file; the header before them is the npy reader's business.
      let expected = reference.suffix(4 * tensor.count).withUnsafeBytes { bytes in
        (0..<tensor.count).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
      }
      #expect(tensor == expected, "\(photo)")
    }
  }
}
