import Foundation
import Robustness
import TestSupport
import Testing

/// What the paper and imagenet-testbed published, from the tables in Reports/reference alone.
struct PublishedNumbersTests {
  static let folder = TestPaths.project.appending(path: "Reports/reference")

  private func slope(
    _ table: ShippedBaselines, _ shift: String, _ filter: BaselineFilter = .standard
  ) throws -> (slope: Double, count: Int) {
    let points = try table.table(in: Self.folder).points(
      base: NaturalShift.imageNet, shift: shift, filter: filter)
    let fit = try RobustnessFit(points, resampling: .indices([]))
    return (fit.slope, fit.count)
  }

  @Test("slopes of both clouds on the logit scale")
  func slopes() throws {
    let testbedV2 = try slope(.testbed, "imagenetv2-format-val")
    #expect(testbedV2.count == 85 && abs(testbedV2.slope - 0.923) < 0.0005)
    let testbedSketch = try slope(.testbed, "imagenet-sketch")
    #expect(testbedSketch.count == 85 && abs(testbedSketch.slope - 1.071) < 0.0005)
    let naturalV2 = try slope(.naturalShifts, "imagenetv2")
    #expect(naturalV2.count == 80 && abs(naturalV2.slope - 0.919) < 0.0005)
    let naturalSketch = try slope(.naturalShifts, "imagenet-sketch")
    #expect(naturalSketch.count == 80 && abs(naturalSketch.slope - 1.121) < 0.0005)
  }

  @Test("the clouds differ on Sketch by five models, resnet50-vtab*, alone")
  func sensitivity() throws {
    let testbed = try ShippedBaselines.testbed.table(in: Self.folder)
    let natural = try ShippedBaselines.naturalShifts.table(in: Self.folder)
    func models(_ table: BaselineTable) throws -> Set<String> {
      Set(
        try table.points(
          base: NaturalShift.imageNet, shift: "imagenet-sketch", filter: .standard
        ).map(\.model))
    }
    let extra = try models(testbed).subtracting(try models(natural))
    #expect(
      extra.sorted() == [
        "resnet50-vtab", "resnet50-vtab-exemplar", "resnet50-vtab-rotation",
        "resnet50-vtab-semi-exemplar", "resnet50-vtab-semi-rotation",
      ])
    let without = try slope(
      .testbed, "imagenet-sketch", .standard.leavingOut("resnet50-vtab"))
    let other = try slope(.naturalShifts, "imagenet-sketch")
    #expect(without.count == 80)
    #expect(abs(without.slope - other.slope) < 1e-12)
    // On the same copy of ImageNetV2 the clouds agree without them too.
    let copy = try slope(
      .testbed, "imagenetv2-format-val", .standard.leavingOut("resnet50-vtab"))
    #expect(
      abs(copy.slope - (try slope(.naturalShifts, "imagenetv2-format-val").slope)) < 1e-12)
    #expect(abs(copy.slope - 0.9316) < 0.0001)
  }

  @Test("the averages of Table 16: 78.97 and 72.58")
  func table16() throws {
    let table = try ShippedBaselines.table16.table(in: Self.folder)
    let zeroShot = try #require(table.accuracies(of: "Zero-Shot CLIP"))
    let probe = try #require(table.accuracies(of: "Linear Probe CLIP"))
    let mean = NaturalShift.meanSetting
    #expect(abs(try #require(zeroShot[mean]) - 0.7897) < 0.00005)
    #expect(abs(try #require(probe[mean]) - 0.7258) < 0.00005)
    // The table has no accuracies on subsets of classes.
    #expect(zeroShot[NaturalShift.meanBase] == nil)
  }

  @Test("ResNet-101 of Figure 13 is cafferesnet101, digit for digit")
  func resNet101() throws {
    let row = try #require(
      try ShippedBaselines.naturalShifts.table(in: Self.folder).accuracies(of: "cafferesnet101"))
    let figure = try #require(
      try ShippedBaselines.figure13.table(in: Self.folder).accuracies(of: "ResNet-101"))
    #expect(figure.count == 6)
    for (setting, printed) in figure {
      let ours = try #require(row[setting])
      #expect(abs((ours * 1000).rounded() / 1000 - printed) < 1e-9, "\(setting)")
    }
    let settings = [
      "imagenet", "imagenetv2", "imagenet-r", "objectnet", "imagenet-sketch", "imagenet-a",
    ]
    for (setting, percent) in zip(settings, [76.2, 64.3, 37.7, 32.6, 25.2, 2.7]) {
      #expect(abs(try #require(figure[setting]) * 100 - percent) < 1e-9)
    }
    // The mean of the seven and of their bases, against NumPy.
    #expect(abs(try #require(row[NaturalShift.meanSetting]) - 0.39235785714) < 1e-10)
    #expect(abs(try #require(row[NaturalShift.meanBase]) - 0.87514285714) < 1e-10)
  }

  @Test("the gap closed: on the mean of shifts up to 78 %, on single shifts from 49 to 133 %")
  func gapClosed() throws {
    let points = try ShippedBaselines.naturalShifts.table(in: Self.folder).points(
      base: NaturalShift.meanBase, shift: NaturalShift.meanSetting, filter: .standard)
    let fit = try RobustnessFit(points, resampling: .indices([]))
    #expect(fit.count == 80 && abs(fit.slope - 0.85967) < 0.00001)
    let plotted = try ShippedBaselines.figure14.table(in: Self.folder).points(
      base: NaturalShift.meanBase, shift: NaturalShift.meanSetting,
      filter: BaselineFilter(name: "adaptive", types: ["adaptive-zero-shot"]))
    let shares = try plotted.map { point in
      try #require(EffectiveRobustness(point, fit: fit)?.gapClosed).value
    }
    // NumPy's, of polyfit on the same points.
    let expected = [0.467, 0.535, 0.548, 0.569, 0.640, 0.637, 0.725, 0.760, 0.780]
    #expect(shares.count == expected.count)
    #expect(zip(shares, expected).allSatisfy { abs($0 - $1) < 0.0006 }, "\(shares)")

    let table = try ShippedBaselines.figure13.table(in: Self.folder)
    let shifts = ["imagenetv2", "imagenet-r", "objectnet", "imagenet-sketch", "imagenet-a"]
    let pairs = try shifts.map { shift in
      let points = try table.points(base: "imagenet", shift: shift, filter: .all)
      return try #require(points[1].gapClosed(from: points[0]))
    }
    // (70.1 − 64.3) / (76.2 − 64.3) and so on.
    let byHand = [5.8 / 11.9, 51.2 / 38.5, 39.7 / 43.6, 35 / 51.0, 74.4 / 73.5]
    #expect(zip(pairs, byHand).allSatisfy { abs($0 - $1) < 1e-9 }, "\(pairs)")

    // By the lines at 76.2 % of the whole validation set; NumPy's.
    let natural = try ShippedBaselines.naturalShifts.table(in: Self.folder)
    let byLine = try shifts.map { shift in
      let filter = shift == "imagenet-a" ? BaselineFilter.standardOnImageNetA : .standard
      let fit = try RobustnessFit(
        try natural.points(base: "imagenet", shift: shift, filter: filter),
        resampling: .indices([]))
      let clip = try table.points(base: "imagenet", shift: shift, filter: .all)[1]
      return try #require(EffectiveRobustness(clip, fit: fit)?.gapClosed).value
    }
    let numpy = [0.4976, 1.3227, 0.9062, 0.6914, 1.0128]
    #expect(zip(byLine, numpy).allSatisfy { abs($0 - $1) < 0.00006 }, "\(byLine)")
  }

  @Test("Figure 15: a 16-shot probe equals zero-shot on the base and is less robust")
  func fewShot() throws {
    let table = try ShippedBaselines.figure15.table(in: Self.folder)
    let zeroShot = try #require(table.accuracies(of: "zero-shot"))
    let sixteen = try #require(table.accuracies(of: "16-shot"))
    let (base, shift) = (NaturalShift.meanBase, NaturalShift.meanSetting)
    #expect(abs(try #require(zeroShot[base]) - (try #require(sixteen[base]))) < 0.003)
    #expect(abs(try #require(zeroShot[shift]) - (try #require(sixteen[shift])) - 0.09) < 1e-9)
  }

  @Test("every table that comes with the program is read, in percent, and its hash told")
  func shipped() throws {
    let counts = try ShippedBaselines.allCases.map { shipped in
      let table = try shipped.table(in: Self.folder)
      #expect(table.unit == .percent && table.unitOrigin == .column)
      #expect(table.source == "Reports/reference/\(shipped.fileName)")
      #expect(table.sha256.hex.count == 64)
      return table.rows.count
    }
    #expect(counts == [338, 329, 4, 2, 27, 10])
    // Found as the program finds it, from the test's own build folder or the working folder.
    #expect(throws: Never.self) { try ShippedBaselines.table16.table() }
  }
}
