import Foundation
import TestSupport
import Testing

/// What `run --dry-run` and `list suites` say of time and room.
@Suite struct PlanCostTests {
  private func tasks(_ document: [String: Any]) throws -> [[String: Any]] {
    try #require(document["tasks"] as? [[String: Any]])
  }

  @Test("a dry run tells what is to be computed; after the run it is nothing")
  func dryRun() throws {
    let scene = try Scene()
    let program = try scene.program()
    let arguments = scene.arguments(to: "RUN")
    let before = try program.run(arguments + ["--dry-run", "--json"]).json()
    let planned = try tasks(before)
    #expect(planned.map { $0["images"] as? Int } == [14, 8, 30, 40])
    #expect(planned.map { $0["imagesToCompute"] as? Int } == [14, 8, 30, 40])
    #expect(before["images"] as? Int == 92 && before["imagesToCompute"] as? Int == 92)
    #expect(planned.allSatisfy { ($0["seconds"] as? Double ?? 0) > 0 })
    let rates = try #require(before["rates"] as? [[String: Any]])
    #expect(rates.map { $0["source"] as? String } == ["measured"])
    // Features of 4 bytes a number: the same for every image.
    let bytes = try planned.map { try #require($0["featureBytes"] as? Int) }
    #expect(bytes[0] > 0 && bytes[0] % (14 * 4) == 0 && bytes[3] * 14 == bytes[0] * 40)
    #expect(before["featureBytes"] as? Int == bytes.reduce(0, +))
    let table = try program.run(arguments + ["--dry-run"]).text
    #expect(table.contains("92 images; features to compute: 92, about "))
    #expect(table.contains("measured now on blank images, without reading and decoding"))

    #expect(try program.run(arguments).code == 0)
    let after = try program.run(arguments + ["--dry-run", "--json"]).json()
    #expect(after["imagesToCompute"] as? Int == 0 && after["seconds"] as? Double == 0)
    #expect(after["featureBytes"] as? Int == 0)
    #expect((after["rates"] as? [Any])?.isEmpty == true)
    #expect(
      try program.run(arguments + ["--dry-run"]).text
        .contains("92 images, all of their features in the store"))
    let fresh = try program.run(arguments + ["--dry-run", "--json", "--fresh"]).json()
    #expect(fresh["imagesToCompute"] as? Int == 92)
  }

  @Test("a run's rate is what the next one's estimate is made of")
  func recordedRate() throws {
    let scene = try Scene(cifarCount: 128)
    let program = try scene.program()
    let only = ["--dataset", "CIFAR10"]
    #expect(try program.run(scene.arguments(to: "A") + only).code == 0)
    // Toys were not among them: the rate is that of CIFAR10.
    let plan = try program.run(scene.arguments(to: "B", "--dry-run", "--json")).json()
    let rates = try #require(plan["rates"] as? [[String: Any]])
    #expect(rates.map { $0["source"] as? String } == ["recorded"])
    #expect(try tasks(plan).map { $0["imagesToCompute"] as? Int } == [14, 8, 30, 0])
    let rate = try #require(rates.first?["imagesPerSecond"] as? Double)
    let first = try #require(try tasks(plan).first?["seconds"] as? Double)
    #expect(abs(first * rate - 14) < 1e-6)
  }

  @Test("list suites: what each makes, needs, has and costs")
  func suites() throws {
    let scene = try Scene()
    let program = try scene.program()
    let all = try program("list", "suites", "--json").json()
    let rows = try #require(all["suites"] as? [[String: Any]])
    let table10 = try #require(rows.first { $0["name"] as? String == "paper/table-10" })
    #expect((table10["makes"] as? [String])?.first == "Table 10")
    #expect((table10["needs"] as? [Any])?.count == 27 && table10["seconds"] is NSNull)
    let figure = try #require(rows.first { $0["name"] as? String == "paper/figure-12" })
    #expect(figure["suites"] as? [String] == ["paper/table-10"])
    #expect(figure["datasets"] as? [String] == table10["datasets"] as? [String])

    let named = try program.run([
      "list", "suites", "first-light", "--data-root", scene.data.path, "--model", Program.model,
      "--json",
    ]).json()
    let row = try #require((named["suites"] as? [[String: Any]])?.first)
    let needs = try #require(row["needs"] as? [[String: Any]])
    let present = Dictionary(
      uniqueKeysWithValues: needs.map { ($0["dataset"] as? String ?? "", $0["state"] as? String) })
    #expect(present["MNIST"] == "present" && present["CIFAR10"] == "present")
    #expect(present["Caltech101"] == "missing" && present["PACS-photo"] == "missing")
    #expect(row["images"] as? Int == 70 && row["imagesToCompute"] as? Int == 70)
    #expect((row["seconds"] as? Double ?? 0) > 0)

    let text = try program("list", "suites").text
    #expect(text.contains("unknown without --data-root and --model"))
    #expect(try program("list", "suites", "--model", Program.model).code == 64)
    #expect(try program("list", "suites", "figure-5").code == 66)
  }
}
