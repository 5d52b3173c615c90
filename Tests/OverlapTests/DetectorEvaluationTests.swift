import Core
import Foundation
import Imaging
import Overlap
import TestSupport
import Testing

struct DetectorEvaluationTests {
  @Test("recall falls with strength, every pair is counted, and a seed gives the same table again")
  func table() throws {
    let images = try ImageCollection(folder: Expected.folder.appending(path: "queries"))
    let alterations = Alteration.all.filter {
      [.crop, .jpeg, .mirror].contains($0.kind) && $0.strength != 75
    }
    func evaluation(_ threads: Int) throws -> DetectorEvaluation {
      try DetectorEvaluation(
        of: images, detectors: [.hash64, .registered], seed: 3, threads: threads,
        alterations: alterations)
    }
    let result = try evaluation(2)
    #expect(result.images == 8)
    let alone = try evaluation(1)
    #expect(result.csv() == alone.csv())
    func recall(_ detector: Detector, _ name: String) throws -> Double {
      try #require(result.rows.first { $0.detector == detector && $0.alteration == name }).recall
    }
    #expect(try recall(.hash64, "jpeg 40") == 1)
    #expect(try recall(.hash64, "mirror 1") == 0)
    let (weak, strong) = (try recall(.hash64, "crop 0.95"), try recall(.hash64, "crop 0.5"))
    #expect(strong < weak)
    #expect(try recall(.registered, "mirror 1") == 1)
    #expect(try recall(.registered, "crop 0.9") == 1)
    // 4 mild alterations of 8 images.
    let mild = try #require(
      result.rows.first { $0.detector == .registered && $0.alteration == "mild" })
    #expect(mild.count == 8 && mild.precision == 1 && mild.falsePerMillion == 0)
    let suggestion = try #require(result.suggestions.first { $0.detector == .registered })
    let threshold = try #require(suggestion.threshold)
    #expect(threshold > 0.5)
  }

  @Test("images that say nothing are left out, and a suggested threshold keeps its promise")
  func leftOut() throws {
    let folder = try TemporaryFolder()
    let queries = Expected.folder.appending(path: "queries")
    for name in try FileManager.default.contentsOfDirectory(atPath: queries.path) {
      try FileManager.default.copyItem(
        at: queries.appending(path: name), to: folder.url.appending(path: name))
    }
    try Data("P5 8 8 255\n".utf8 + [UInt8](repeating: 77, count: 64)).write(
      to: folder.url.appending(path: "a-plain.pgm"))
    try Data("junk".utf8).write(to: folder.url.appending(path: "b-broken.png"))
    let alterations = Alteration.all.filter { [.crop, .rotation].contains($0.kind) }
    func evaluation(_ folder: URL) throws -> DetectorEvaluation {
      try DetectorEvaluation(
        of: ImageCollection(folder: folder), detectors: [.hash64, .cells], seed: 3, threads: 2,
        alterations: alterations)
    }
    let result = try evaluation(folder.url)
    #expect(result.images == 8 && Set(result.unusable.keys) == ["a-plain.pgm", "b-broken.png"])
    #expect(result.markdown().contains("2 images left out"))
    let whole = try evaluation(queries)
    #expect(whole.csv() == result.csv() && whole.unusable.isEmpty)
    for suggestion in result.suggestions where suggestion.threshold != nil {
      let mild = try #require(
        result.rows.first { $0.detector == suggestion.detector && $0.alteration == "mild" })
      #expect(mild.threshold == suggestion.threshold)
      #expect(try #require(mild.precision) >= 0.99)
    }
    #expect(
      result.curve.allSatisfy { Double(String(format: "%.3f", $0.threshold)) == $0.threshold })
    let none = try TemporaryFolder()
    try Data("junk".utf8).write(to: none.url.appending(path: "b-broken.png"))
    let error = #expect(throws: EvalError.self) { try evaluation(none.url) }
    #expect(error?.kind == .malformedData && error?.subject == "b-broken.png")
  }

  @Test("alterations do what they are called")
  func alterations() throws {
    var pixels: [UInt8] = []
    for y in 0..<10 {
      for x in 0..<20 { pixels += [UInt8(12 * x), UInt8(25 * y), 100] }
    }
    let image = RasterImage(mode: .rgb, width: 20, height: 10, pixels: pixels)
    func altered(_ kind: Alteration.Kind, _ strength: Double) throws -> RasterImage {
      let alteration = try #require(
        Alteration.all.first { $0.kind == kind && $0.strength == strength })
      return try alteration.applied(to: image, seed: 1)
    }
    let mirrored = try altered(.mirror, 1)
    for x in 0..<20 { #expect(mirrored.pixels[3 * x] == image.pixels[3 * (19 - x)]) }
    let crop = try altered(.crop, 0.5)
    #expect(crop.width == 10 && crop.height == 5)
    // A part as it is: red rises by 12 a column, green by 25 a row.
    #expect(crop.pixels[3] == crop.pixels[0] + 12 && crop.pixels[31] == crop.pixels[1] + 25)
    let squeezed = try altered(.aspect, 0.5)
    #expect(squeezed.width == 10 && squeezed.height == 10)
    // The mean of two columns: 0 and 12, 24 and 36.
    #expect(squeezed.pixels[0] == 6 && squeezed.pixels[3] == 30)
    let scaled = try altered(.scale, 0.5)
    #expect(scaled.width == 20 && scaled.height == 10)
    let grey = try altered(.grey, 1)
    #expect(grey.pixels[0] == grey.pixels[1] && grey.pixels[1] == grey.pixels[2])
    #expect(grey.pixels[0] == UInt8((0.114 * 100).rounded()))
    #expect(try altered(.rotation, 20).pixels != image.pixels)
    let (one, again) = (try altered(.colour, 0.2), try altered(.colour, 0.2))
    #expect(one == again && one != image)
  }
}
