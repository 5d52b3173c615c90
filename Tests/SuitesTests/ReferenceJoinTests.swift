import CLIPModels
import Core
import Datasets
import Foundation
import Metrics
import ReferenceFiles
import References
import Testing

/// Published numbers are joined to this program's datasets, metrics and models by name: the names have to be its own.
struct ReferenceJoinTests {
  private static let tables = PublishedResults.tables + ["other-harnesses.csv"]
  /// Of the paper, and not in this program.
  private static let absent: Set = ["RareAct"]

  @Test(
    "every dataset is one of the registry, by its id, and every metric one of this program",
    arguments: tables)
  func names(name: String) throws {
    let table = try ReferenceTable(name)
    let ids = Set(DatasetRegistry.all.map(\.info.id))
    #expect(!table.rows.isEmpty)
    for row in table.rows {
      let dataset = try table.text(row, "dataset")
      guard !Self.absent.contains(dataset) else { continue }
      #expect(ids.contains(dataset), "\(dataset)")
      let metric = try table.text(row, "metric")
      #expect(MetricName(rawValue: metric) != nil, "\(metric)")
      // The paper's number on a dataset is of the dataset's own metric.
      if name == "table-10.csv" || name == "table-11.csv" {
        #expect(try DatasetRegistry.adapter(named: dataset).info.metric == metric)
      }
    }
  }

  @Test("models are those of the catalog with a file and a paper: names and hashes")
  func models() throws {
    let table = try ReferenceTable("models.csv")
    let published = try table.rows.map { row in
      [
        try table.text(row, "model"), try table.text(row, "weightsSHA256"),
        "\(try #require(try table.number(row, "gflops")))",
      ]
    }
    let catalog = ModelCatalog.models.compactMap { model -> [String]? in
      guard let file = model.file, let flops = model.paperGFLOPs else { return nil }
      return [model.name, file.sha256.hex, "\(flops)"]
    }
    #expect(Set(published) == Set(catalog) && published.count == 9)
  }

  @Test(
    "samples: Table 9's sizes; where the images are the same, a split of this program of that size")
  func samples() throws {
    let table = try ReferenceTable("samples.csv")
    var datasets: Set<String> = []
    for row in table.rows {
      let dataset = try table.text(row, "dataset")
      #expect(datasets.insert(dataset).inserted)
      let info = try DatasetRegistry.adapter(named: dataset).info
      if let paper = info.paper {
        #expect(try table.count(row, "images") == paper.test, "\(dataset)")
      }
      guard try table.text(row, "test") == "same" else { continue }
      let split = try info.split(named: table.text(row, "split"))
      #expect(split.name == (try table.text(row, "split")))
      // Of frames in sets the sets are counted.
      guard !dataset.hasSuffix("-Robust") else { continue }
      #expect(split.expectedCount == (try table.count(row, "images")), "\(dataset)")
    }
    #expect(Set(PaperSizes.table9.keys).isSubset(of: datasets))
  }

  @Test("Table 9 as shipped is the table of the datasets")
  func table9() throws {
    let table = try ReferenceTable("table-9.csv")
    let sizes = try table.rows.map { row in
      (
        try table.text(row, "dataset"),
        [
          try #require(try table.count(row, "train")), try #require(try table.count(row, "test")),
        ]
      )
    }
    #expect(
      Dictionary(uniqueKeysWithValues: sizes)
        == PaperSizes.table9.mapValues { [$0.train, $0.test] })
  }
}
