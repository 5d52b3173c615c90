import Foundation
import ReferenceFiles
import References
import Statistics
import Testing

/// The paper's figures and flags, computed anew from the numbers it prints: no model takes part. Figures 7 and 8 are in `ProbesTests`, 13 to 15
/// in `RobustnessTests`.
struct PaperFiguresTests {
  private struct Cell {
    var family: String
    var model: String
    var dataset: String
    var percent: Double
    var isBold: Bool
  }

  private let probes: [Cell]
  private let zeroShot: [String: Double]

  init() throws {
    let table = try ReferenceTable("table-10.csv")
    probes = try table.rows.map { row in
      Cell(
        family: try table.text(row, "family"), model: try table.text(row, "model"),
        dataset: try table.text(row, "dataset"),
        percent: try #require(try table.number(row, "value")),
        isBold: try table.text(row, "bold") == "yes")
    }
    let other = try ReferenceTable("table-11.csv")
    var values: [String: Double] = [:]
    for row in other.rows where try other.text(row, "model") == "ViT-L/14@336px" {
      values[try other.text(row, "dataset")] = try #require(try other.number(row, "value"))
    }
    zeroShot = values
  }

  private func probe(_ family: String, _ model: String) throws -> [String: Double] {
    let own = probes.filter { $0.family == family && $0.model == model }
    try #require(own.count == 27)
    return Dictionary(uniqueKeysWithValues: own.map { ($0.dataset, $0.percent) })
  }

  private func numbers(_ name: String, _ key: String, _ column: String) throws -> [String: Double] {
    let table = try ReferenceTable(name)
    return Dictionary(
      uniqueKeysWithValues: try table.rows.map {
        (try table.text($0, key), try #require(try table.number($0, column)))
      })
  }

  /// A value as a table with one decimal prints it.
  private func rounded(_ percent: Double) -> Double { (percent * 10).rounded() / 10 }

  // MARK: Table 10

  @Test(
    "Table 10's bold: within the 99.5 % Clopper-Pearson interval of the column's best, in 1776 of 1782 cells",
    arguments: [(true, 1776), (false, 1774)])
  func bold(roundsBound: Bool, agreements: Int) throws {
    let sizes = try numbers("table-9.csv", "dataset", "test")
    var found = 0
    for (dataset, column) in Dictionary(grouping: probes, by: \.dataset) {
      let count = Int(try #require(sizes[dataset]))
      let best = try #require(column.map(\.percent).max()) / 100
      let interval = try #require(
        ClopperPearson.interval(
          successes: Int((best * Double(count)).rounded()), trials: count, confidence: 0.995))
      let bound = interval.lower * 100
      for cell in column {
        let isWithin = roundsBound ? cell.percent >= rounded(bound) - 1e-9 : cell.percent > bound
        if isWithin == cell.isBold { found += 1 }
      }
    }
    #expect(probes.count == 1782)
    #expect(found == agreements)
  }

  @Test("the best model is bold on 21 of 27 datasets")
  func boldOfCLIP() {
    #expect(probes.count { $0.model == "ViT-L/14@336px" && $0.isBold } == 21)
  }

  // MARK: figures

  @Test("Figure 5: zero-shot minus a ResNet-50 probe, all but KITTI and UCF101; 16 wins")
  func figure5() throws {
    let printed = try numbers("figure-5.csv", "dataset", "difference")
    let resNet = try probe("ResNet", "50")
    #expect(printed.count == 27 && printed.values.count { $0 > 0 } == 16)
    let off = try printed.filter { dataset, difference in
      let own = try #require(zeroShot[dataset]) - (try #require(resNet[dataset]))
      return abs(own - difference) > 0.1 + 1e-9
    }
    #expect(Set(off.keys) == ["KITTI", "UCF101"])
    #expect(printed["KITTI"] == -34 && printed["UCF101"] == 7.7)
    #expect(rounded(try #require(zeroShot["KITTI"]) - (try #require(resNet["KITTI"]))) == -45.2)
    #expect(rounded(try #require(zeroShot["UCF101"]) - (try #require(resNet["UCF101"]))) == 5.7)
    // With the 33.1 that the figures were drawn with, to the tenth.
    #expect(rounded(33.1 - (try #require(resNet["KITTI"]))) == -34)
  }

  @Test("Figures 10 and 12: means over 12, 27 and 26 datasets of all 66 models")
  func figures10And12() throws {
    let twelve: Set = [
      "Food101", "CIFAR10", "CIFAR100", "Birdsnap", "SUN397", "StanfordCars", "FGVCAircraft",
      "VOC2007",
      "DTD", "OxfordPets", "Caltech101", "Flowers102",
    ]
    func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    let table = try ReferenceTable("figure-10-and-12.csv")
    #expect(table.rows.count == 66)
    var best: [String: (of12: Double, of27: Double)] = [:]
    for row in table.rows {
      let (family, model) = (try table.text(row, "family"), try table.text(row, "model"))
      let own = try probe(family, model)
      let of12 = mean(own.filter { twelve.contains($0.key) }.map(\.value))
      let of27 = mean(Array(own.values))
      let of26 = mean(own.filter { $0.key != "ImageNet" }.map(\.value))
      for (column, value) in [("mean-of-12", of12), ("mean-of-27", of27), ("mean-of-26", of26)] {
        #expect(
          abs(try #require(try table.number(row, column)) - value) < 0.0051, "\(family) \(model)")
      }
      #expect(try table.number(row, "ImageNet") == own["ImageNet"])
      let kind = family.hasPrefix("CLIP") ? "CLIP" : "others"
      let known = best[kind] ?? (0, 0)
      best[kind] = (max(known.of12, of12), max(known.of27, of27))
    }
    // What the text says: 2.6 points above the best other on twelve, 5 on all.
    let (clip, others) = (try #require(best["CLIP"]), try #require(best["others"]))
    #expect(abs(clip.of12 - 89.13) < 0.005 && abs(clip.of27 - 85.06) < 0.005)
    #expect(rounded(clip.of12 - others.of12) == 2.6)
    #expect((clip.of27 - others.of27).rounded() == 5)
  }

  @Test(
    "Figure 11: ViT-L/14@336px minus Noisy Student EfficientNet-L2, within a tenth; 21 wins, STL10's 0.0 one of them"
  )
  func figure11() throws {
    let printed = try numbers("figure-11.csv", "dataset", "difference")
    let clip = try probe("CLIP-ViT", "ViT-L/14@336px")
    let student = try probe("EfficientNet Noisy Student", "L2-800")
    #expect(printed.count == 27 && printed.values.count { $0 >= 0 } == 21)
    #expect(printed.filter { $0.value == 0 }.map(\.key) == ["STL10"])
    for (dataset, difference) in printed {
      let own = try #require(clip[dataset]) - (try #require(student[dataset]))
      #expect(abs(own - difference) < 0.1 + 1e-9, "\(dataset)")
    }
  }

  @Test("Table 1's ImageNet and Table 14's numbers are Table 11's and 10's, but for MNIST's tenth")
  func agreement() throws {
    for (name, tolerance) in [("table-1.csv", 0.0), ("table-14.csv", 0.1)] {
      let table = try ReferenceTable(name)
      for row in table.rows where try table.text(row, "model") == "ViT-L/14@336px" {
        let dataset = try table.text(row, "dataset")
        let value = try #require(try table.number(row, "value"))
        let others =
          try table.text(row, "experiment") == "zero-shot"
          ? zeroShot : probe("CLIP-ViT", "ViT-L/14@336px")
        guard let other = others[dataset] else { continue }
        #expect(abs(value - other) <= tolerance + 1e-9, "\(dataset)")
      }
    }
  }
}
