import Core
import Experiments
import Foundation
import ReferenceFiles
import References
import Statistics
import TestSupport
import Testing

struct PublishedResultsTests {
  private let published: PublishedResults

  init() throws {
    published = try PublishedResults(in: TestPaths.project.appending(path: "Reports/reference"))
  }

  private func attached(_ made: MadeRow) throws -> ResultRow {
    let row = try made.row()
    let rows = published.attached(to: [row])
    let result = try #require(rows.first)
    #expect(rows.count == 1)
    // Nothing else changes, and a second time nothing at all.
    var without = result
    (without.reference, without.verdict) = (row.reference, row.verdict)
    #expect(without == row)
    #expect(published.attached(to: rows) == rows)
    return result
  }

  @Test(
    "numbers of each table, by hand from the paper",
    arguments: [
      (MadeRow(dataset: "ImageNet", n: 50_000, split: "val"), 0.762, "Table 11"),
      (MadeRow(dataset: "ImageNet", model: "RN50", n: 50_000, split: "val"), 0.596, "Table 11"),
      (MadeRow(dataset: "KITTI", n: 711), 0.219, "Table 11"),
      (MadeRow(dataset: "VOC2007", metric: "11-point-mAP", n: 4952), 0.843, "Table 11"),
      (
        MadeRow(dataset: "HatefulMemes", metric: "ROC-AUC", n: 500, split: "dev"), 0.633, "Table 11"
      ),
      (MadeRow(dataset: "MNIST", n: 10_000), 0.883, "Table 11"),
      (MadeRow(dataset: "UCF101", n: 11_213, options: "frames=middle"), 0.769, "Table 11"),
      (MadeRow(dataset: "UCF101", n: 11_213, options: "frames=uniform:8"), 0.803, "Table 15"),
      (
        MadeRow(
          dataset: "Kinetics700", metric: "mean-top1-top5", n: 30_000, options: "frames=uniform:8"),
        0.696, "Table 15"
      ),
      (MadeRow(dataset: "SVHNFull", n: 13_068), 0.51, "Table 14"),
      (MadeRow(dataset: "IIIT5K", n: 3000, options: "lexicon=1k"), 0.9, "Table 14"),
      (MadeRow(dataset: "aYahoo", n: 2237), 0.984, "Table 1"),
      (MadeRow(dataset: "SUN", n: 100), 0.585, "Table 1"),
      (MadeRow(experiment: "linear-probe", dataset: "CIFAR10", n: 10_000), 0.979, "Table 10"),
      (
        MadeRow(
          experiment: "retrieval", dataset: "Flickr30k", metric: "image-to-text-recall@1", n: 1000),
        0.88, "Table 13"
      ),
      (
        MadeRow(
          experiment: "retrieval", dataset: "COCOCaptions", metric: "text-to-image-recall@10",
          n: 25_010),
        0.722, "Table 13"
      ),
      (MadeRow(dataset: "ImageNet-Vid-Robust", metric: "pm-10", n: 1109), 0.892, "Table 16"),
      (
        MadeRow(experiment: "robustness", dataset: "ObjectNet", n: 18_574, classifier: .classShift),
        0.723, "Table 16"
      ),
      (
        MadeRow(experiment: "robustness", dataset: "ObjectNet", n: 18_574, classifier: .probe),
        0.662, "Table 16"
      ),
      (
        MadeRow(experiment: "robustness", dataset: "ImageNet-A", n: 7500, classifier: .zeroShot),
        0.772, "Table 16"
      ),
    ])
  func values(made: MadeRow, value: Double, table: String) throws {
    let reference = try #require(try attached(made).reference)
    // The decimal fraction's own double, as results write it.
    #expect(reference.value == value)
    #expect(reference.source == "arXiv 2103.00020 \(table)")
    #expect(reference.model == made.model)
  }

  @Test(
    "no reference: other models, metrics, experiments, classifiers, classes",
    arguments: [
      MadeRow(dataset: "ImageNet", model: "clip-mini", n: 50_000),
      // A name that is the catalog's but for its writing is another name.
      MadeRow(dataset: "ImageNet", model: "vit-l-14", n: 50_000),
      MadeRow(dataset: "ImageNet", metric: "accuracy@5", n: 50_000),
      MadeRow(dataset: "VOC2007", metric: "area-mAP", n: 4952),
      MadeRow(experiment: "few-shot", dataset: "CIFAR10", n: 10_000),
      MadeRow(experiment: "knn", dataset: "CIFAR10", n: 10_000),
      // Table 10's ViT-B/16 of another family is called B/16.
      MadeRow(experiment: "linear-probe", dataset: "CIFAR10", model: "B/16", n: 10_000),
      MadeRow(experiment: "robustness", dataset: "ObjectNet", n: 18_574, classifier: .zeroShot),
      MadeRow(experiment: "robustness", dataset: "ObjectNet", n: 18_574, classifier: .ensemble),
      MadeRow(dataset: "FGVCAircraft", metric: "mean-per-class", n: 3333, options: "level=family"),
      MadeRow(dataset: "IIIT5K", n: 3000, options: "lexicon=50"),
      // Table 13 is of ViT-L/14@336px alone.
      MadeRow(
        experiment: "retrieval", dataset: "Flickr30k", model: "ViT-B/32",
        metric: "image-to-text-recall@1", n: 1000),
      MadeRow(dataset: "DemoNet", n: 10),
    ])
  func none(made: MadeRow) throws {
    let row = try attached(made)
    #expect(row.reference == nil && row.verdict == .noReference)
  }

  @Test("weights decide, whatever the model is called")
  func weights() throws {
    let small = SHA256Digest(
      hex: "40d365715913c9da98579312b702a82c18be219cc2a73407c4526f58eba950af")
    var made = MadeRow(dataset: "ImageNet", model: "my-copy.pt", n: 50_000, weights: small)
    #expect(try attached(made).reference?.model == "ViT-B/32")
    #expect(abs(try #require(try attached(made).reference?.value) - 0.632) < 1e-12)
    // A file that is called as another model.
    made.model = "RN50"
    #expect(try attached(made).reference?.model == "ViT-B/32")
    // Other files of a model's weights, which the catalog has by name.
    (made.model, made.weights) = ("RN50", SHA256Digest(hex: String(repeating: "7", count: 64)))
    #expect(try attached(made).reference?.model == "RN50")
  }

  @Test("every cell of Tables 10 and 11 of the nine models is found by its row, and no other")
  func complete() throws {
    let models = try ReferenceTable("models.csv")
    let sizes = try ReferenceTable("table-9.csv")
    for (experiment, name) in [("zero-shot", "table-11.csv"), ("linear-probe", "table-10.csv")] {
      let table = try ReferenceTable(name)
      var found = 0
      for line in models.rows {
        let model = try models.text(line, "model")
        let own = try table.rows.filter { try table.text($0, "model") == model }
        #expect(own.count == sizes.rows.count)
        for row in own {
          let made = MadeRow(
            experiment: experiment, dataset: try table.text(row, "dataset"), model: model,
            metric: try table.text(row, "metric"), n: 100)
          let reference = try #require(try attached(made).reference, "\(model) \(made.dataset)")
          #expect(reference.value == (try table.fraction(row)))
          found += 1
        }
      }
      #expect(found == 9 * 27)
    }
  }

  // MARK: verdicts

  @Test("same images: half of the last printed digit, and near ties; a wide interval hides nothing")
  func sameImages() throws {
    var made = MadeRow(
      dataset: "CIFAR10", model: "ViT-B/32", value: 0.9134,
      interval: Interval(lower: 0.8, upper: 0.99), n: 10_000)
    #expect(try attached(made).verdict == .agrees)  // 91.3 in the table
    made.value = 0.9136
    #expect(try attached(made).verdict == .differsUnexplained)
    made.nearTies = 1
    #expect(try attached(made).verdict == .agrees)
    made.nearTies = nil
    #expect(try attached(made).verdict == .differsUnexplained)
    made.split = "openai/test"
    #expect(try attached(made).verdict == .differsUnexplained)
  }

  @Test(
    "other images: the interval of the difference decides",
    arguments: [
      MadeRow(dataset: "CIFAR10", model: "ViT-B/32", n: 9_000, partial: true),
      MadeRow(dataset: "CIFAR10", model: "ViT-B/32", n: 10_000, failed: 1),
      MadeRow(dataset: "CIFAR10", model: "ViT-B/32", n: 10_000, split: "train"),
      // The same number of images of somebody else's choice.
      MadeRow(dataset: "CIFAR10", model: "ViT-B/32", n: 10_000, split: "laion/test"),
      MadeRow(dataset: "CIFAR10", model: "ViT-B/32", n: 9_999),
      MadeRow(dataset: "CIFAR10", model: "ViT-B/32", n: 10_000, split: nil),
    ])
  func otherImages(made: MadeRow) throws {
    var made = made
    (made.value, made.interval) = (0.911, Interval(lower: 0.905, upper: 0.917))
    #expect(try attached(made).verdict == .agrees)
    (made.value, made.interval) = (0.9, Interval(lower: 0.894, upper: 0.906))
    #expect(try attached(made).verdict == .differsUnexplained)
    // Without an interval nothing says how far chance reaches.
    (made.value, made.interval) = (0.913, nil)
    #expect(try attached(made).verdict == .differsUnexplained)
  }

  @Test("the paper's sample has its own size and error: Birdsnap's 2149, captions of retrieval")
  func sampleSizes() throws {
    func count(_ made: MadeRow) throws -> Int? {
      published.figure(for: try made.row())?.sampleCount
    }
    #expect(try count(MadeRow(dataset: "Birdsnap", n: 2443)) == 2149)
    #expect(try count(MadeRow(dataset: "aYahoo", n: 2237)) == nil)
    func retrieval(_ metric: String) -> MadeRow {
      MadeRow(experiment: "retrieval", dataset: "COCOCaptions", metric: metric, n: 1)
    }
    #expect(try count(retrieval("image-to-text-recall@1")) == 5000)
    #expect(try count(retrieval("text-to-image-recall@1")) == 25_000)
    // 32.6 of 2149 has ±2.0: a number 2.5 points off with ±1.9 of its own is within √(2.0² + 1.9²).
    var made = MadeRow(
      dataset: "Birdsnap", model: "RN50", value: 0.351,
      interval: Interval(lower: 0.332, upper: 0.370),
      n: 2443)
    #expect(try attached(made).verdict == .agrees)
    (made.value, made.interval) = (0.356, Interval(lower: 0.337, upper: 0.375))
    #expect(try attached(made).verdict == .differsUnexplained)
  }

  @Test("a partition or level of images that is not the paper's is other images")
  func options() throws {
    func same(_ options: String?) throws -> Bool? {
      published.figure(for: try MadeRow(dataset: "DTD", n: 1880, options: options).row())?
        .usesSameImages
    }
    #expect(try same("partition=1") == true)
    #expect(try same("partition=2") == false)
    #expect(try same(nil) == false)
  }

  @Test("a probe is of the images that it learned from and that its C was chosen on, too")
  func probes() throws {
    func same(_ dataset: String, _ experiment: String, n: Int) throws -> Bool? {
      published.figure(for: try MadeRow(experiment: experiment, dataset: dataset, n: n).row())?
        .usesSameImages
    }
    // A validation split comes with PCam and with none of the others.
    #expect(try same("PCam", "linear-probe", n: 32_768) == true)
    #expect(try same("CIFAR10", "linear-probe", n: 10_000) == false)
    #expect(try same("CIFAR10", "zero-shot", n: 10_000) == true)
    var made = MadeRow(
      experiment: "robustness", dataset: "ImageNet-A", n: 7500, classifier: .classShift)
    #expect(published.figure(for: try made.row())?.usesSameImages == true)
    made.classifier = .probe
    made.probe = ProbeRecord(C: 1)
    #expect(published.figure(for: try made.row())?.usesSameImages == false)
  }

  @Test(
    "what rescoring has found stays, as long as the numbers differ; without a value there is no verdict"
  )
  func earlierVerdicts() throws {
    var row = try MadeRow(dataset: "CIFAR10", model: "ViT-B/32", value: 0.8, n: 10_000).row()
    row.verdict = .differsByProtocol
    #expect(published.attached(to: [row])[0].verdict == .differsByProtocol)
    row.value = 0.913
    #expect(published.attached(to: [row])[0].verdict == .agrees)
    row.value = nil
    let unknown = published.attached(to: [row])[0]
    #expect(unknown.verdict == .noReference && unknown.reference != nil && unknown.delta == nil)
  }
}

extension MadeRow: CustomTestStringConvertible {
  var testDescription: String {
    "\(experiment) \(dataset) \(model) \(metric) \(split ?? "-") \(options ?? "-")"
  }
}
