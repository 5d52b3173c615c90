import Foundation
import TestSupport
import Testing

/// `explain` on a real model and real images: Caltech-101 named by its folders and without templates, held against a number that was made up.
///
/// What it has to find was computed in NumPy from the features that `embed images` and `embed texts` write: the four classifiers, their means
/// per class, Shapley's values over both orders, and percentile intervals of 20,000 resamples within classes.
@Suite struct ExplainRealDataTests {
  /// Of 510 images, five a class.
  private static let image = 1.0 / 510
  /// In images; the last bits of another processor may decide one near tie.
  private static let (names, templates, both) = (26.0, 1.0, 21.0)
  private static let shares = [23.0, -2.0]
  private static let intervals = [
    (lower: 0.0333, upper: 0.0569), (lower: -0.0157, upper: 0.0069),
  ]

  private func expect(
    _ found: Any?, _ images: Double, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let value = found as? Double ?? .nan
    #expect(
      abs(value - images * Self.image) < 1.01 * Self.image, "\(value / Self.image) images",
      sourceLocation: sourceLocation)
  }

  private func makeRun(_ model: URL, _ data: URL) throws -> (program: Program, run: URL, Scene) {
    let scene = try Scene()
    try scene.write(
      """
      suite: names
      version: 1
      description: Names of folders.
      experiments: [zero-shot]
      datasets:
        - dataset: Caltech101
          split: all
          classNames: dataset
          templates: generic/bare
      """, to: "names.yaml")
    try scene.write(
      "model,weightsSHA256,gflops,source\nclip-mini,\(String(repeating: "0", count: 64)),1,a test\n",
      to: "published/models.csv")
    try scene.write(
      "experiment,dataset,model,metric,value,unit,condition,source\nzero-shot,Caltech101,clip-mini,mean-per-class,48.0,percent,,A test's table\n",
      to: "published/table-11.csv")
    var program = try scene.program()
    program.environment["CLIP_EVAL_PROMPTS"] = TestPaths.project.appending(path: "Prompts").path
    program.environment["CLIP_EVAL_REPORTS_REFERENCE"] =
      scene.url.appending(path: "published").path
    let run = scene.url.appending(path: "RUN")
    let result = try program.run([
      "run", scene.url.appending(path: "names.yaml").path, "--model", model.path, "--data-root",
      data.path, "--output", run.path, "--quiet",
    ])
    #expect(result.code == 0, "\(result.errors)")
    return (program, run, scene)
  }

  @Test("Moves, shares and intervals are those of NumPy; then what is no longer there is told")
  func numbers() throws {
    guard let model = TestPaths.shared("models/clip-mini"), let data = TestPaths.shared("data")
    else { return }
    let (program, run, scene) = try makeRun(model, data)
    func explain(_ more: String...) throws -> Program.Result {
      try program.run(
        ["explain", run.path, "--data-root", data.path, "--json", "--quiet"] + more)
    }
    let result = try explain()
    #expect(result.code == 0, "\(result.errors)")
    let all = try #require(try result.json()["explanations"] as? [[String: Any]])
    let found = try #require(all.first)
    let variants = try #require(found["variants"] as? [[String: Any]])
    func variant(_ axis: String, _ level: String) throws -> [String: Any] {
      try #require(
        variants.first { $0["axis"] as? String == axis && $0["level"] as? String == level })
    }
    // Two sets have the same words: the authors' stands for both, and the other is told.
    let names = try variant("classNames", "openai-2021")
    expect(names["move"], Self.names)
    #expect(names["isPapers"] as? Bool == true)
    // p of the bootstrap is as small as it gets, 2 of 10,001, of five variants.
    #expect(abs((names["holm"] as? Double ?? .nan) - 10.0 / 10_001) < 1e-9)
    expect(try variant("templates", "openai-2021")["move"], Self.templates)
    let left = try #require(found["notTried"] as? [[String: Any]])
    for axis in ["classNames", "templates"] {
      #expect(left.contains { $0["axis"] as? String == axis && $0["level"] as? String == "laion" })
    }
    #expect(!left.contains { ($0["level"] as? String)?.contains("coop-train") == true })

    let attribution = try #require(found["attribution"] as? [String: Any])
    let parts = try #require(attribution["parts"] as? [[String: Any]])
    #expect(parts.map { $0["axis"] as? String } == ["classNames", "templates"])
    for (place, part) in parts.enumerated() {
      expect(part["shapley"], Self.shares[place])
      let interval = try #require(part["interval95"] as? [Double])
      #expect(abs(interval[0] - Self.intervals[place].lower) < 1.6 * Self.image)
      #expect(abs(interval[1] - Self.intervals[place].upper) < 1.6 * Self.image)
    }
    expect(attribution["move"], Self.both)
    let (gap, residual) = (found["gap"] as? Double ?? .nan, attribution["residual"] as? Double)
    let sum = parts.reduce(0) { $0 + ($1["shapley"] as? Double ?? .nan) }
    #expect(abs(gap + sum - (residual ?? .nan)) < 1e-12)
    #expect(found["verdict"] as? String == "differs: unexplained")

    let other = try explain("--model", Program.model)
    #expect(other.code == 78 && other.errors.contains("another checkpoint"), "\(other.errors)")
    try FileManager.default.removeItem(at: scene.cache)
    let gone = try explain()
    #expect(gone.code == 75, "\(gone.errors)")
    #expect(gone.errors.contains("510 of its 510 images are not in the store"), "\(gone.errors)")
    #expect(gone.errors.contains("CLIP_EVAL_CACHE"))
  }
}
