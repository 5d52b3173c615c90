import Foundation
import TestSupport
import Testing

struct DependencyDirectionTests {
  let rules: DependencyRules

  init() throws {
    let manifest = TestPaths.project.appending(path: "Package.swift")
    rules = DependencyRules(manifest: try String(contentsOf: manifest, encoding: .utf8))
  }

  @Test("Package.swift lists the modules in the order of the architecture")
  func order() {
    let expected = [
      "Core", "LinearAlgebra", "TensorFiles", "Statistics", "Imaging", "EmbeddingStore",
      "CLIPModels", "Prompts", "Datasets", "EmbeddingPipeline", "Metrics", "Experiments",
      "Reporting", "Suites", "clip-eval",
    ]
    // Modules may be added between these; these do not move.
    #expect(rules.modules.filter(expected.contains) == expected)
    #expect(Set(rules.modules).count == rules.modules.count)
  }

  @Test("every import in Sources points downward")
  func sources() throws {
    let sources = TestPaths.project.appending(path: "Sources")
    let files = try #require(FileManager.default.enumerator(atPath: sources.path))
      .compactMap { $0 as? String }.filter { $0.hasSuffix(".swift") }.sorted()
    #expect(files.count >= rules.modules.count)
    var seen: Set<String> = []
    for file in files {
      let module = try #require(file.split(separator: "/").first.map { String($0) })
      seen.insert(module)
      let text = try String(contentsOf: sources.appending(path: file), encoding: .utf8)
      #expect(rules.violations(in: text, of: module, file: file).isEmpty)
    }
    // The benchmark program lies under Benchmarks; it may use anything, and nothing uses it.
    #expect(seen.union(["clip-eval-bench"]) == Set(rules.modules))
  }

  @Test(
    "what breaks a rule is found, however the import is written",
    arguments: [
      ("Core", "import Metrics"), ("Metrics", "package import Experiments"),
      ("Experiments", "import struct Datasets.DatasetIndex"),
      ("Metrics", "@preconcurrency internal import Imaging"),
      ("Statistics", "#if os(Linux)\n  @testable import CLIPModels\n#endif"),
      ("Reporting", "import Foundation\nimport EmbeddingPipeline // why not"),
      ("Reporting", "import Suites"), ("Metrics", "import Metrics"), ("Unlisted", ""),
      ("Experiments", "@_spi(Testing) public import CLIPModels"),
    ])
  func violations(module: String, source: String) {
    #expect(rules.violations(in: source, of: module, file: "made-up.swift").count == 1)
  }

  @Test(
    "what keeps the rules passes",
    arguments: [
      ("Metrics", "import Foundation\nimport Core\ninternal import Statistics"),
      ("Suites", "import CLIPModels\nimport Reporting"),
      ("Core", "// import Metrics\nlet text = \"import Metrics\""), ("clip-eval", "import Suites"),
      ("Core", "import Experimental"),
    ])
  func allowed(module: String, source: String) {
    #expect(rules.violations(in: source, of: module, file: "made-up.swift") == [])
  }
}
