import Foundation
import TensorFiles
import TestSupport
import Testing

/// `run` of videos, of words with lists of their own, and of captions that almost say the same, on the datasets' fixtures.
@Suite struct PairRunTests {
  private let data = TestPaths.fixtures.appending(path: "datasets")

  private let suite = """
    suite: pairs
    version: 1
    description: Videos, words and pairs.
    experiments: [zero-shot, composition]
    datasets:
      - {dataset: UCF101, classNames: ucf.yaml, templates: bare}
      - {dataset: IIIT5K, classNames: dataset, templates: bare}
      - {dataset: SugarCrepe}
      - {dataset: Winoground, templates: bare}

    """

  private func program(_ scene: Scene, _ more: [String: String] = [:]) throws -> Program {
    try Program(
      environment: [
        "CLIP_EVAL_CACHE": scene.cache.path,
        "CLIP_EVAL_PROMPTS": TestPaths.project.appending(path: "Prompts").path,
      ].merging(more) { $1 }.mapValues { $0 })
  }

  private func run(
    _ scene: Scene, _ output: String, _ more: String..., environment: [String: String] = [:]
  ) throws -> (code: Int32, errors: String, output: URL) {
    try scene.write(suite, to: "pairs.yaml")
    // The tiny model's context is too short for the true names.
    let numbered = try String(
      contentsOf: data.appending(path: "ucf101/ucfTrainTestlist/classInd.txt"), encoding: .utf8)
    let classes = numbered.split(whereSeparator: \.isNewline).map { line in
      let fields = line.split(separator: " ")
      return "  \(fields[1]): action \(fields[0])\n"
    }
    try scene.write(
      "dataset: UCF101\nset: ucf\nversion: 1\nsource: a test\nclasses:\n" + classes.joined(),
      to: "ucf.yaml")
    let folder = scene.url.appending(path: output)
    let result = try program(scene, environment).run(
      [
        "run", scene.url.appending(path: "pairs.yaml").path, "--model", Program.model,
        "--data-root", data.path, "--output", folder.path,
      ] + more)
    return (result.code, result.errors, folder)
  }

  @Test("every kind gets its rows, its chance and its files, and a second run computes nothing")
  func allKinds() throws {
    let scene = try Scene()
    let (code, errors, output) = try run(scene, "RUN")
    #expect(code == 0, "\(errors)")
    let rows = try resultRows(output)
    func row(_ dataset: String, _ metric: String) throws -> [String: Any] {
      try #require(
        rows.first { $0["dataset"] as? String == dataset && $0["metric"] as? String == metric },
        "\(dataset) \(metric)")
    }
    let videos = try row("UCF101", "accuracy")
    #expect(videos["n"] as? Int == 8 && videos["nFailed"] as? Int == 0)
    let oneOfAll = try #require(videos["chance"] as? Double)
    #expect(abs(oneOfAll - 1 / 101.0) < 1e-12 && videos["partial"] as? Bool == true)
    let ofVideos = try #require(videos["protocol"] as? [String: Any])
    #expect(ofVideos["metric"] as? String == "accuracy mean-over=3-splits")

    let words = try row("IIIT5K", "accuracy")
    #expect(words["n"] as? Int == 3)
    let chance = try #require(words["chance"] as? Double)
    let third = 1.0 / 3
    #expect(abs(chance - third) < 1e-12)
    let record = try #require(words["protocol"] as? [String: Any])
    #expect(record["metric"] as? String == "accuracy candidates=own-list")
    #expect(record["classNameSet"] as? String == "IIIT5K/dataset")

    let group = try row("Winoground", "group-score")
    #expect(group["n"] as? Int == 2 && group["chance"] as? Double == 1.0 / 6)
    let model = try #require(group["model"] as? String)
    let file = try SafetensorsFile(
      output.appending(path: "predictions/composition/\(model)/Winoground.safetensors"))
    let scores = try file.tensor("score")
    #expect(scores.shape == [2, 2, 2])
    let s = try scores.floats()
    let isRight = [0, 4].map { s[$0] > s[$0 + 1] && s[$0 + 3] > s[$0 + 2] }
    #expect(
      try row("Winoground", "text-score")["value"] as? Double == Double(isRight.count { $0 }) / 2)
    #expect(try file.tensor("caption").integers() == [0, 1, 2, 3])

    #expect(try row("SugarCrepe", "macro-accuracy")["nExpected"] as? Int == 7511)
    #expect(try row("SugarCrepe", "accuracy/swap_obj")["n"] as? Int == 4)
    let captions = try #require(
      try row("SugarCrepe", "accuracy")["protocol"] as? [String: Any])
    // The tiny model's context holds 16 tokens.
    #expect(
      captions["captions"] as? String == "7 questions, 11 captions cut to the context")
    #expect((captions["captionsHash"] as? String)?.count == 64)
    #expect(captions["templateSet"] as? String == "generic/bare")

    let again = try run(scene, "AGAIN")
    #expect(again.code == 0)
    let timings = try String(
      contentsOf: again.output.appending(path: "timings.jsonl"), encoding: .utf8)
    #expect(timings.split(separator: "\n").allSatisfy { $0.contains(#""imagesComputed":0"#) })
    #expect(
      try Data(contentsOf: again.output.appending(path: "results.jsonl"))
        == Data(contentsOf: output.appending(path: "results.jsonl")))
  }

  @Test("without ffmpeg the videos' task fails, and says how to get it; the others are done")
  func withoutFFmpeg() throws {
    let scene = try Scene()
    let (code, errors, output) = try run(
      scene, "RUN", environment: ["PATH": scene.url.appending(path: "nowhere").path])
    #expect(code == 1 && errors.contains("Install ffmpeg"), "\(errors)")
    #expect(
      Set(try resultRows(output).compactMap { $0["dataset"] as? String }) == [
        "IIIT5K", "SugarCrepe", "Winoground",
      ])
  }

  @Test("people's answers about pictures of pets")
  func humans() throws {
    let scene = try Scene()
    let jpeg = try Data(contentsOf: data.appending(path: "tiny.jpg"))
    for name in ["Bengal_1", "pug_7"] { try scene.write(jpeg, to: "pets/images/\(name).jpg") }
    try scene.write("Bengal_1 6 1 2\npug_7 26 2 18\n", to: "pets/annotations/test.txt")
    try scene.write(
      "participant,image,shots,answer\nA,Bengal_1,0,bengal\nA,pug_7,0,I don't know\nB,Bengal_1,0,boxer\nB,pug_7,0,pug\n",
      to: "answers.csv")
    let result = try program(scene).run(
      [
        "humans", scene.url.appending(path: "answers.csv").path, "--data-root",
        scene.url.appending(path: "pets").path,
      ])
    #expect(result.code == 0, "\(result.errors)")
    // All: 1/2 of both classes. Votes: both images are tied. Guesses: 1/2 and 1/1; of their votes only the pug's.
    let lines = result.text.split(separator: "\n").dropFirst().map {
      $0.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
    }
    #expect(
      lines.map { $0[2] } == [
        "mean-per-class", "mean-per-class/majority-vote", "mean-per-class/guesses",
        "mean-per-class/majority-vote-of-guesses",
      ])
    #expect(lines.map { $0[3] } == ["50.0", "–", "75.0", "100.0"])
  }
}

/// `compare` of runs whose samples hang together: questions about one image, and three splits of one dataset.
@Suite struct PairComparisonTests {
  private let data = TestPaths.fixtures.appending(path: "datasets")

  private func run(_ scene: Scene, _ output: String, templates: String) throws -> URL {
    let classes = try String(
      contentsOf: data.appending(path: "ucf101/ucfTrainTestlist/classInd.txt"), encoding: .utf8
    ).split(whereSeparator: \.isNewline).map { line in
      let fields = line.split(separator: " ")
      return "  \(fields[1]): action \(fields[0])\n"
    }
    try scene.write(
      "dataset: UCF101\nset: ucf\nversion: 1\nsource: a test\nclasses:\n" + classes.joined(),
      to: "ucf.yaml")
    try scene.write(
      """
      suite: pairs
      version: 1
      description: Videos and pairs.
      experiments: [zero-shot, composition]
      datasets:
        - {dataset: UCF101, classNames: ucf.yaml, templates: \(templates)}
        - {dataset: SugarCrepe, templates: \(templates)}
        - {dataset: Winoground, templates: \(templates)}

      """, to: "pairs.yaml")
    let folder = scene.url.appending(path: output)
    let result = try Program(environment: [
      "CLIP_EVAL_CACHE": scene.cache.path,
      "CLIP_EVAL_PROMPTS": TestPaths.project.appending(path: "Prompts").path,
    ]).run([
      "run", scene.url.appending(path: "pairs.yaml").path, "--model", Program.model, "--data-root",
      data.path, "--output", folder.path,
    ])
    #expect(result.code == 0, "\(result.errors)")
    return folder
  }

  @Test("composition and splits: differences are those of the files, question by question")
  func compare() throws {
    let scene = try Scene()
    let a = try run(scene, "A", templates: "generic/bare")
    let b = try run(scene, "B", templates: "generic/photo-of")
    let result = try Program()(
      "compare", a.path, b.path, "--axis", "templates", "--gate", "none", "--quiet", "--json")
    #expect(result.code == 0, "\(result.errors)")
    let tasks = try #require(try result.json()["tasks"] as? [[String: Any]])
    func metrics(_ dataset: String) throws -> [String: [String: Any]] {
      let task = try #require(
        tasks.first { ($0["subject"] as? [String: Any])?["dataset"] as? String == dataset },
        "\(dataset)")
      let found = try #require(task["metrics"] as? [[String: Any]])
      return Dictionary(
        uniqueKeysWithValues: found.map { ($0["metric"] as? String ?? "", $0) })
    }
    func file(_ run: URL, _ experiment: String, _ dataset: String) throws -> [URL] {
      let folder = run.appending(path: "predictions/\(experiment)/tiny-clip")
      return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        .filter { $0.hasPrefix(dataset) && $0.hasSuffix(".safetensors") }
        .map { folder.appending(path: $0) }
    }
    /// Of each question whether the caption beats its negative.
    func sugar(_ run: URL) throws -> [Bool] {
      let s = try SafetensorsFile(try #require(file(run, "composition", "SugarCrepe").first))
        .tensor("score").floats()
      return stride(from: 0, to: s.count, by: 2).map { s[$0] > s[$0 + 1] }
    }
    /// Of each question text, image and group score.
    func winoground(_ run: URL) throws -> [[Bool]] {
      let s = try SafetensorsFile(try #require(file(run, "composition", "Winoground").first))
        .tensor("score").floats()
      return stride(from: 0, to: s.count, by: 4).map { i in
        let text = s[i] > s[i + 1] && s[i + 3] > s[i + 2]
        let image = s[i] > s[i + 2] && s[i + 3] > s[i + 1]
        return [text, image, text && image]
      }
    }
    func share(_ values: [Bool]) -> Double { Double(values.count { $0 }) / Double(values.count) }
    func difference(_ metric: [String: Any]?) -> Double {
      metric?["difference"] as? Double ?? .nan
    }
    let (sugarA, sugarB) = (try sugar(a), try sugar(b))
    #expect(sugarA.count == 7)
    let ofSugar = try metrics("SugarCrepe")
    #expect(abs(difference(ofSugar["accuracy"]) - (share(sugarB) - share(sugarA))) < 1e-12)
    let (winoA, winoB) = (try winoground(a), try winoground(b))
    let ofWinoground = try metrics("Winoground")
    for (place, name) in ["text-score", "image-score", "group-score"].enumerated() {
      let expected = share(winoB.map { $0[place] }) - share(winoA.map { $0[place] })
      #expect(abs(difference(ofWinoground[name]) - expected) < 1e-12, "\(name)")
    }
    // Of three splits the mean of their accuracies, not that of all clips.
    func folds(_ run: URL) throws -> Double {
      let tensors = try SafetensorsFile(try #require(file(run, "zero-shot", "UCF101").first))
      let right = zip(
        try tensors.tensor("label").integers(), try tensors.tensor("prediction").integers()
      ).map { $0 == $1 }
      let fold = try tensors.tensor("fold").integers()
      let shares = Set(fold).map { number in
        share(zip(right, fold).filter { $0.1 == number }.map(\.0))
      }
      return shares.reduce(0, +) / Double(shares.count)
    }
    let ofVideos = try metrics("UCF101")
    #expect(abs(difference(ofVideos["accuracy"]) - (try folds(b) - folds(a))) < 1e-12)
    let method = try #require(ofVideos["accuracy"]?["intervalMethod"] as? String)
    // Clips of one source film hang together.
    #expect(method.contains("units=source-groups"), "\(method)")
  }
}
