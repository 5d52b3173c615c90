import Foundation
import TensorFiles
import TestSupport
import Testing

/// `run` and the reading commands on images that show several classes, and on idx files of one's own.
@Suite struct MultiLabelRunTests {
  private static let classes = ["ball", "box", "tree"]
  private let scene: Scene
  private let program: Program

  /// Twelve scenes of three classes, one of which is difficult in two, and thirty digits.
  init() throws {
    scene = try Scene()
    let ids = (0..<12).map { "s\($0)" }
    for (number, id) in ids.enumerated() {
      try scene.write(
        Scene.ppm(width: 40 + number, height: 50, seed: UInt64(100 + number)),
        to: "data/scenes/JPEGImages/\(id).ppm")
    }
    try scene.write(
      ids.joined(separator: "\n") + "\n", to: "data/scenes/ImageSets/Main/test.txt")
    for (owner, name) in Self.classes.enumerated() {
      let lines = ids.enumerated().map { number, id in
        "\(id) \(owner == 2 && number < 2 ? " 0" : (number + owner) % 3 == 0 ? " 1" : "-1")\n"
      }
      try scene.write(
        lines.joined(), to: "data/scenes/ImageSets/Main/\(name)_test.txt")
    }
    try scene.write(
      "dataset: scenes\nset: own\nversion: 1\nsource: a test\nclasses: {ball: ball, box: box, tree: tree}\n",
      to: "prompts/scenes/own.yaml")
    try scene.write(
      """
      suite: scenes
      version: 1
      description: Several classes an image.
      experiments: [zero-shot]
      datasets:
        - dataset: scenes
          layout: voc
          path: scenes
          classNames: own
          templates: generic/two
        - dataset: numerals
          layout: idx
          path: mnist
          classNames: MNIST/digits
          templates: generic/two
      """, to: "scenes.yaml")
    program = try scene.program()
  }

  private func run(to output: String, _ more: String...) throws -> Program.Result {
    try program.run(
      [
        "run", scene.url.appending(path: "scenes.yaml").path, "--model", Program.model,
        "--data-root", scene.data.path, "--output", scene.url.appending(path: output).path,
      ] + more)
  }

  @Test("rows, predictions and labels; the store serves a second run")
  func zeroShot() throws {
    let result = try run(to: "RUN")
    #expect(result.code == 0, "\(result.errors)")
    let output = scene.url.appending(path: "RUN")
    let rows = try resultRows(output)
    #expect(
      rows.map { $0["metric"] as? String }
        == ["11-point-mAP", "area-mAP", "accuracy", "accuracy@5"])
    for row in rows.prefix(2) {
      #expect(row["dataset"] as? String == "scenes" && row["n"] as? Int == 12)
      #expect(row["nearTies"] is NSNull && row["emptyClasses"] as? Int == 0)
      // 4 of 12, 4 of 12, and 3 of 10 where two images are difficult.
      let chance = try #require(row["chance"] as? Double)
      let expected: Double = (4.0 / 12 + 4.0 / 12 + 3.0 / 10) / 3
      #expect(abs(chance - expected) < 1e-12)
      let value = try #require(row["value"] as? Double)
      let interval = try #require(row["interval95"] as? [Double])
      #expect(interval[0] < value && value <= 1 && interval[1] <= 1)
    }
    let file = try SafetensorsFile(
      output.appending(path: "predictions/zero-shot/tiny-clip/scenes.safetensors"))
    #expect(try file.tensor("label").integers() == [Int64](repeating: -1, count: 12))
    let labels = try file.tensor("labels")
    #expect(labels.shape == [12, 3] && labels.type == .int8)
    // s0, s1, s10, s11, s2, …: bytewise by id.
    #expect(try labels.integers().prefix(12) == [1, -1, 0, -1, -1, 0, -1, -1, 1, -1, 1, -1])
    #expect(try file.tensor("top5").shape == [12, 5])
    let scores = try file.tensor("class_score").floats()
    for row in 0..<12 {
      let total: Double = scores[3 * row..<3 * row + 3].map { exp(Double($0)) }.reduce(0, +)
      #expect(abs(total - 1) < 1e-5)
    }
    let report = try String(contentsOf: output.appending(path: "report.md"), encoding: .utf8)
    #expect(report.contains("11-point-mAP") && report.contains("ranking images at random"))

    let again = try run(to: "AGAIN")
    #expect(again.code == 0)
    for name in ["results.jsonl", "predictions/zero-shot/tiny-clip/scenes.safetensors"] {
      #expect(
        try Data(contentsOf: output.appending(path: name))
          == Data(contentsOf: scene.url.appending(path: "AGAIN/\(name)")))
    }
    let timings = try String(
      contentsOf: scene.url.appending(path: "AGAIN/timings.jsonl"), encoding: .utf8)
    #expect(timings.contains("\"imagesComputed\":0"))
  }

  @Test(
    "features made elsewhere give the same predictions beside the dataset, and nothing without it")
  func embeddings() throws {
    #expect(try run(to: "RUN", "--dataset", "scenes").code == 0)
    let features = scene.url.appending(path: "FEATURES/scenes")
    let prompts = try program(
      "list", "prompts", "--texts", "scenes/own", "--templates", "generic/two")
    try scene.write(prompts.output, to: "prompts.txt")
    try FileManager.default.createDirectory(at: features, withIntermediateDirectories: true)
    for arguments in [
      ["images", scene.data.appending(path: "scenes/JPEGImages").path, "--output"]
        + [features.appending(path: "test.safetensors").path],
      ["texts", "--input", scene.url.appending(path: "prompts.txt").path, "--output"]
        + [features.appending(path: "prompts.safetensors").path],
    ] {
      let result = try program.run(
        ["embed"] + arguments + ["--model", Program.model, "--no-normalize"])
      #expect(result.code == 0, "\(result.errors)")
    }
    func evaluate(_ more: String...) throws -> Program.Result {
      try program.run(
        [
          "run", scene.url.appending(path: "scenes.yaml").path, "--dataset", "scenes", "--model",
          features.deletingLastPathComponent().path, "--fresh", "--output",
          scene.url.appending(path: "ELSEWHERE").path,
        ] + more)
    }
    let beside = try evaluate("--data-root", scene.data.path)
    #expect(beside.code == 0, "\(beside.errors)")
    let rows = try resultRows(scene.url.appending(path: "ELSEWHERE"))
    #expect(rows.map { $0["metric"] as? String } == ["11-point-mAP", "area-mAP"])
    // Softmax depends on the logit scale, which no weights tell here.
    let metric = (rows[0]["protocol"] as? [String: Any])?["metric"] as? String
    #expect(metric?.contains(" scale=") == true, "\(metric ?? "–")")
    let own = try SafetensorsFile(
      scene.url.appending(path: "RUN/predictions/zero-shot/tiny-clip/scenes.safetensors"))
    let other = try SafetensorsFile(
      scene.url.appending(path: "ELSEWHERE/predictions/zero-shot/FEATURES/scenes.safetensors"))
    for name in ["labels", "prediction", "label", "index", "score", "class_score"] {
      #expect(try own.tensor(name).bytes.elementsEqual(other.tensor(name).bytes), "\(name)")
    }
    let alone = try evaluate()
    #expect(alone.code == 1 && alone.errors.contains("which is not at hand"), "\(alone.errors)")
  }

  @Test func limited() throws {
    let result = try run(to: "RUN", "--limit", "5", "--dataset", "scenes")
    #expect(result.code == 0, "\(result.errors)")
    let rows = try resultRows(scene.url.appending(path: "RUN"))
    #expect(rows.map { $0["n"] as? Int } == [5, 5])
    #expect(rows.allSatisfy { $0["partial"] as? Bool == true && $0["nExpected"] as? Int == 12 })
  }

  @Test("features alone cannot say which classes an image shows, whatever labels they have")
  func featuresWithoutTheDataset() throws {
    let folder = scene.url.appending(path: "features/scenes")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try SafetensorsFile.write(
      [
        TensorPayload(name: "features", shape: [12, 2], floats: (0..<24).map { Float($0 + 1) }),
        TensorPayload(name: "labels", shape: [12], integers: (0..<12).map { Int64($0 % 3) }),
      ], to: folder.appending(path: "test.safetensors"))
    let result = try program(
      "run", scene.url.appending(path: "scenes.yaml").path, "--model",
      folder.deletingLastPathComponent().path, "--dataset", "scenes", "--output",
      scene.url.appending(path: "RUN").path)
    #expect(result.code == 1, "\(result.errors)")
    #expect(result.errors.contains("which classes an image shows"), "\(result.errors)")
  }

  @Test("inspect, doctor and list datasets know the layout")
  func reading() throws {
    let inspected = try program("inspect", scene.data.appending(path: "scenes").path)
    #expect(inspected.code == 0, "\(inspected.errors)")
    #expect(inspected.text.contains("voc") && inspected.text.contains("12"))
    let doctor = try program(
      "doctor", "voc", "--data-root", scene.data.appending(path: "scenes").path)
    #expect(doctor.code == 0, "\(doctor.text)")
    #expect(doctor.text.contains("3 classes, 3 to 4 samples each"))
    #expect(doctor.text.contains("2 labels are difficult"))
    let list = try program("list", "datasets")
    #expect(list.text.contains("VOC2007") && list.text.contains("11-point-mAP"))
  }

  @Test("a metric that does not fit the labels is refused where it stands")
  func metrics() throws {
    let text = try String(
      contentsOf: scene.url.appending(path: "scenes.yaml"), encoding: .utf8)
    for (layout, metric, message) in [
      ("voc", "accuracy", "whose images show several classes each"),
      ("idx", "area-mAP", "whose images show one class each"),
    ] {
      try scene.write(
        text.replacing(
          "    layout: \(layout)\n", with: "    layout: \(layout)\n    metric: \(metric)\n"),
        to: "scenes.yaml")
      let result = try run(to: "RUN")
      #expect(result.code == 78 && result.errors.contains(message), "\(result.errors)")
    }
  }
}
