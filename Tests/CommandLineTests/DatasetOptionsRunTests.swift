import Foundation
import TestSupport
import Testing

/// Datasets with options, whose images are preprocessed in their own way, and frames of videos in sets.
@Suite struct DatasetOptionsRunTests {
  private let scene: Scene
  private let program: Program
  /// Class id and the name that the scene's prompts give it.
  private let names: [(id: String, name: String)]

  /// Nine images of three of ObjectNet's classes, and one set of frames.
  init() throws {
    scene = try Scene()
    let shipped = try String(
      contentsOf: TestPaths.project.appending(path: "Prompts/ObjectNet/own-names.yaml"),
      encoding: .utf8)
    names = shipped.split(separator: "\n").filter { $0.hasPrefix("  ") && $0.contains(": ") }
      .map { line in
        let id = line.dropFirst(2).prefix { $0 != ":" }
        return (String(id), String(id.filter(\.isLetter).prefix(3)))
      }
    let classes = names.map { "  \($0.id): \($0.name)\n" }.joined()
    try scene.write(
      "dataset: ObjectNet\nset: tiny\nversion: 1\nsource: a test\nclasses:\n" + classes,
      to: "prompts/ObjectNet/tiny.yaml")
    for (number, folder) in ["alarm_clock", "band_aid", "wine_bottle"].enumerated() {
      for image in 0..<3 {
        try scene.write(
          Scene.ppm(width: 30 + image, height: 24, seed: UInt64(10 * number + image)),
          to: "data/objectnet/images/\(folder)/\(image).ppm")
      }
    }
    try scene.write(
      """
      suite: objects
      version: 1
      description: One dataset under two options.
      experiments: [zero-shot]
      datasets:
        - dataset: ObjectNet
          options: {crop: 1}
          classNames: tiny
          templates: generic/two
        - dataset: ObjectNet
          classNames: tiny
          templates: generic/two
        - dataset: ObjectNet
          options: {crop: "2"}
          classNames: tiny
          templates: generic/two
      """, to: "objects.yaml")
    program = try scene.program()
  }

  private func run(_ suite: String, model: String = Program.model, _ more: String...) throws
    -> Program.Result
  {
    try program.run(
      [
        "run", scene.url.appending(path: suite).path, "--model", model, "--data-root",
        scene.data.path,
      ] + more)
  }

  private func record(_ row: [String: Any]) throws -> [String: Any] {
    try #require(row["protocol"] as? [String: Any])
  }

  @Test("each option is a task of its own, recorded with what it did to the images")
  func options() throws {
    let plan = try run("objects.yaml", "--dry-run")
    #expect(plan.code == 0, "\(plan.errors)")
    #expect(plan.text.contains("ObjectNet crop=1") && plan.text.contains("ObjectNet crop=2"))

    let output = scene.url.appending(path: "RUN")
    let result = try run("objects.yaml", "--output", output.path)
    #expect(result.code == 0, "\(result.errors)")
    let rows = try resultRows(output)
    // The default spelled out is no third task.
    #expect(
      rows.map { $0["metric"] as? String } == ["accuracy", "accuracy@5", "accuracy", "accuracy@5"])
    for (row, border) in zip(rows, [1, 1, 2, 2]) {
      let record = try record(row)
      #expect(record["datasetOptions"] as? String == "crop=\(border)")
      let preprocessing = try #require(record["preprocessing"] as? String)
      #expect(preprocessing.contains("|crop(border=\(border))|"))
      #expect(row["chance"] as? Double == (row["metric"] as? String == "accuracy" ? 1 : 5) / 113.0)
    }
    let folder = output.appending(path: "predictions/zero-shot/tiny-clip")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(files.contains("ObjectNet.test.tiny.generic_two.crop=1.safetensors"))
    #expect(files.contains("ObjectNet.test.tiny.generic_two.crop=2.safetensors"))
  }

  @Test("an option that is not there is told before any work, with its place")
  func unknownOption() throws {
    try scene.write(
      scene.suiteText([("ObjectNet", nil, "tiny")])
        .replacing("    classNames", with: "    options: {crop: 3}\n    classNames"),
      to: "wrong.yaml")
    let result = try run("wrong.yaml", "--dry-run")
    #expect(result.code == 78)
    #expect(
      result.errors.contains("wrong.yaml:6:5") && result.errors.contains("crop is 2, 1 or 0"))
  }

  @Test("features made with another border are refused")
  func embeddings() throws {
    let folder = scene.url.appending(path: "features")
    func made(_ arguments: [String]) throws {
      let result = try program.run(["embed"] + arguments + ["--model", Program.model])
      #expect(result.code == 0, "\(result.errors)")
    }
    try FileManager.default.createDirectory(
      at: folder.appending(path: "ObjectNet"), withIntermediateDirectories: true)
    try made([
      "images", "--dataset", "ObjectNet", "--option", "crop=1", "--data-root", scene.data.path,
      "-o", folder.appending(path: "ObjectNet/test.safetensors").path,
    ])
    let prompts = names.flatMap { ["a \($0.name).", $0.name] }
    try scene.write(prompts.joined(separator: "\n") + "\n", to: "prompts.txt")
    try made([
      "texts", "--input", scene.url.appending(path: "prompts.txt").path,
      "-o", folder.appending(path: "prompts.safetensors").path,
    ])
    let output = scene.url.appending(path: "FEATURES")
    let result = try run("objects.yaml", model: folder.path, "--output", output.path)
    #expect(result.code == 1)
    #expect(result.errors.contains("expected features of crop=2, the file was made of crop=1"))
    let rows = try resultRows(output)
    #expect(rows.count == 2)
    let preprocessing = try record(rows[0])["preprocessing"] as? String
    #expect(preprocessing?.contains("crop(border=1)") == true)
    #expect(try record(rows[0])["datasetOptions"] as? String == "crop=1")

    // The same features are the checkpoint's own.
    let own = scene.url.appending(path: "OWN")
    #expect(try run("objects.yaml", "--output", own.path).code == 0)
    #expect(try resultRows(own)[0]["value"] as? Double == rows[0]["value"] as? Double)
  }

  @Test("frames of a video: sets are counted, and a limit keeps them whole")
  func frames() throws {
    for number in 432...452 {
      try scene.write(
        Scene.ppm(width: 20, height: 20, seed: UInt64(number)),
        to: "data/imagenet-vid-robust/val/ILSVRC2015_val_00000000/000\(number).JPEG")
    }
    let shipped = try String(
      contentsOf: TestPaths.project.appending(
        path: "Prompts/ImageNet-Vid-Robust/own-names.yaml"), encoding: .utf8)
    let classes = shipped.split(separator: "\n").filter { $0.hasPrefix("  ") && $0.contains(": ") }
      .map { line in
        let id = line.dropFirst(2).prefix { $0 != ":" }
        return "  \(id): \(id.prefix(3))\n"
      }
    try scene.write(
      "dataset: ImageNet-Vid-Robust\nset: tiny\nversion: 1\nsource: a test\nclasses:\n"
        + classes.joined(), to: "prompts/ImageNet-Vid-Robust/tiny.yaml")
    try scene.write(scene.suiteText([("vid-robust", nil, "tiny")]), to: "frames.yaml")
    let output = scene.url.appending(path: "FRAMES")
    let result = try run("frames.yaml", "--limit", "30", "--output", output.path)
    #expect(result.code == 0, "\(result.errors)")
    let rows = try resultRows(output)
    #expect(rows.map { $0["metric"] as? String } == ["pm-0", "pm-10", "accuracy"])
    #expect(rows.map { $0["n"] as? Int } == [1, 1, 21])
    #expect(rows.map { $0["nExpected"] as? Int } == [1109, 1109, 22_179])
    #expect(rows.allSatisfy { $0["partial"] as? Bool == true && $0["nFailed"] as? Int == 0 })
    // One anchor is no sample of anchors: its frames are one draw.
    #expect(rows[2]["interval95"] is NSNull)
    #expect(rows[0]["chance"] as? Double == 1.0 / 30)
  }
}
