import Foundation
import TensorFiles
import TestSupport
import Testing

/// What `probe` refuses: the exit code of the contract, what was expected, what was found, where, and a way out.
@Suite struct ProbeFailureTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func path(_ name: String) -> String { folder.url.appending(path: name).path }

  /// Features [N, 2], by default those of two classes in turn.
  @discardableResult
  private func write(
    _ name: String, labels: [Int64] = [0, 1, 0, 1, 0, 1], width: Int = 2, rows: Int? = nil,
    _ change: (inout [Float]) -> Void = { _ in }
  ) throws -> String {
    let rows = rows ?? labels.count
    var floats = (0..<rows * width).map { cos(Float($0)) + 1.5 }
    change(&floats)
    try SafetensorsFile.write(
      [
        TensorPayload(name: "features", shape: [rows, width], floats: floats),
        TensorPayload(name: "labels", shape: [labels.count], integers: labels),
      ], to: URL(filePath: path(name)))
    return path(name)
  }

  private func expect(
    _ arguments: [String], code: Int32, says message: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let result = try Program().run(["probe"] + arguments)
    #expect(result.code == code, "\(result.errors)", sourceLocation: sourceLocation)
    #expect(
      result.errors.split(separator: "\n").contains { $0 == "error: \(message)" },
      "no `error: \(message)` in: \(result.errors)", sourceLocation: sourceLocation)
    #expect(result.text.isEmpty, sourceLocation: sourceLocation)
  }

  @Test("65: features that are not finite, or zero, name file, row and column")
  func features() throws {
    let good = try write("good.safetensors")
    let remedy = "Leave out samples that have no feature, and compute the others again."
    for (value, text) in [(Float.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf")] {
      let bad = try write("bad.safetensors") { $0[7] = value }
      for files in [["--train", bad, "--test", good], ["--train", good, "--test", bad]] {
        try expect(
          files + ["--C", "1"], code: 65,
          says: "\(bad), row 3: the feature is not finite (\(text) in column 1). \(remedy)")
      }
    }
    let zero = try write("zero.safetensors") { for i in $0.indices { $0[i] = 0 } }
    try expect(
      ["--train", zero, "--test", good, "--C", "1"], code: 65,
      says: "\(zero), row 0: the feature is zero. \(remedy)")
    let wide = try write("wide.safetensors", width: 3)
    try expect(
      ["--train", good, "--test", wide, "--C", "1"], code: 65,
      says:
        "\(wide): expected features of width 2 as in \(good), found 3. All files must be of one model and one kind of features (embed images --feature)."
    )
  }

  @Test("65: classes without samples, one class, and labels that are none")
  func labels() throws {
    let good = try write("good.safetensors")
    func fails(_ train: String, _ test: String, _ message: String) throws {
      try expect(["--train", train, "--test", test, "--C", "1"], code: 65, says: message)
    }
    let one = try write("one.safetensors", labels: [1, 1, 1])
    try fails(
      one, good, "\(one): expected samples of at least two classes, found those of class 1 only")
    let remedy =
      "Add training samples of it, or say --absent-classes leave-out: it is then never predicted."
    let gap = try write("gap.safetensors", labels: [0, 2, 0, 2])
    try fails(
      gap, gap, "\(gap): class 1 of 3 has no sample. \(remedy)")
    let three = try write("three.safetensors", labels: [0, 1, 2])
    try fails(
      good, three, "\(three), row 2: class 2 has no training sample in \(good). \(remedy)")
    let negative = try write("negative.safetensors", labels: [0, 1, -1])
    try fails(
      negative, good, "\(negative), row 2: expected a class number from 0, found -1")
    let huge = try write("huge.safetensors", labels: [0, 1, 1_000_000_000_000])
    try fails(
      huge, good,
      "\(huge), row 2: expected a class number below 100000, found 1000000000000. Labels number the classes from 0."
    )
    let short = try write("short.safetensors", labels: [0, 1], rows: 3)
    try fails(short, good, "\(short): expected 3 labels, one a row, found 2")
    let empty = try write("empty.safetensors", labels: [])
    try fails(empty, good, "\(empty): expected features, found no row")
    let none = path("none.npy")
    try NPYFile.write(shape: [2, 2], values: [1, 2, 3, 4], to: URL(filePath: none))
    try fails(
      none, good,
      "\(none): expected labels, found none. Put a tensor labels (N integers) into the file, or NAME.labels.npy beside NAME.npy."
    )
    let bytes = path("bytes.safetensors")
    try Data().write(to: URL(filePath: bytes))
    try fails(
      bytes, good,
      "\(bytes), byte 0: expected an 8-byte header length, found 0 bytes. The file is truncated or not a safetensors file: fetch it again."
    )
  }

  @Test(
    "Absent classes may be left out: they are never predicted, and their test samples are wrong")
  func leftOut() throws {
    let train = try write("a.safetensors", labels: [0, 2, 0, 2])
    let test = try write("t.safetensors", labels: [1, 1, 1, 3])
    let result = try Program()(
      "probe", "--train", train, "--test", test, "--C", "1", "--absent-classes", "leave-out",
      "--json", "--save", path("w.safetensors"))
    #expect(result.code == 0, "\(result.errors)")
    let document = try result.json()
    #expect(document["absentClasses"] as? [Int] == [1, 3] && document["classCount"] as? Int == 4)
    #expect(document["accuracy"] as? Double == 0)
    let kept = try Program()("inspect", path("w.safetensors"), "--json").json()
    #expect(kept["absentClasses"] as? [Int] == [1, 3])
  }

  @Test("66: a file that is not there")
  func absent() throws {
    let good = try write("good.safetensors")
    try expect(
      ["--train", path("nothing.npz"), "--test", good, "--C", "1"], code: 66,
      says:
        "\(path("nothing.npz")): expected a .safetensors, .npz or .npy file, or a folder with features.* or img_emb/"
    )
  }

  @Test("More examples or neighbours than there are")
  func tooMany() throws {
    let good = try write("good.safetensors")
    let files = ["--train", good, "--test", try write("test.safetensors", labels: [0, 1])]
    try expect(
      files + ["--C", "1", "--shots", "4"], code: 65,
      says:
        "\(good): 4 examples a class were asked for, but no class has more than 3. Ask for 3 or fewer, or probe the whole split."
    )
    try expect(
      files + ["--search", "--shots", "3"], code: 65,
      says:
        "\(good): no sample is left to choose C with beside 3 examples of each class. Ask for fewer --shots, name a --val file, or fix C with --C."
    )
    try expect(
      files + ["--knn", "7"], code: 65,
      says:
        "\(good): 7 neighbours were asked for, found 6 training samples. Ask for 6 or fewer with --knn."
    )
    let single = try write("single.safetensors", labels: [0, 1])
    try expect(
      ["--train", single, "--test", good, "--search"], code: 65,
      says: "\(single): no class has two samples, so none can be held out for validation")
  }

  @Test("64: what the command line asks for makes no sense")
  func usage() throws {
    let good = try write("good.safetensors")
    let files = ["--train", good, "--test", good]
    let choose =
      "say how C is chosen: --C 0.316 for one fit, --search for the paper's search or --flat-search; or --knn instead"
    try expect(files, code: 64, says: choose)
    try expect(files + ["--C", "1", "--search"], code: 64, says: choose)
    for (text, found) in [("0", "0.0"), ("-1", "-1.0"), ("nan", "nan"), ("inf", "inf")] {
      try expect(
        files + ["--C", text], code: 64, says: "--C must be a number above 0, found \(found)")
    }
    for shots in ["0", "1,0", "1,,2", "2,2", "x", "-1"] {
      try expect(
        files + ["--C", "1", "--shots=\(shots)"], code: 64,
        says: "--shots must be numbers from 1, each once, separated by commas, found \(shots)")
    }
    try expect(files + ["--knn", "0"], code: 64, says: "--knn must be at least 1")
    try expect(
      files + ["--knn", "1", "--temperature", "0"], code: 64,
      says: "--temperature must be a number above 0, found 0.0")
    try expect(
      files + ["--C", "1", "--val", good], code: 64,
      says: "--val goes with --search or --flat-search: nothing else is chosen")
    try expect(
      files + ["--C", "1", "--seeds", "2"], code: 64, says: "--seeds goes with --shots")
    try expect(
      files + ["--C", "1", "--shots", "1", "--save", "w.safetensors"], code: 64,
      says: "--save and --predictions keep one classifier: leave out --shots, which fits many")
    try expect(
      files + ["--C", "1", "--save", "w.npy"], code: 64,
      says: "expected a name that ends in .safetensors, found w.npy")
    try expect(
      files + ["--C", "1", "--metric", "area-mAP"], code: 64,
      says:
        "\(good): --metric area-mAP is of samples of several classes each (labels N×C), and these have one"
    )
    try expect(
      files + ["--C", "1", "--max-iterations", "0"], code: 64,
      says: "--max-iterations must be at least 1")
    try expect(
      files + ["--C", "1", "--tolerance", "0"], code: 64,
      says: "--tolerance must be a number above 0, found 0.0")
  }

  @Test("73: what cannot be written is told before the first fit")
  func unwritable() throws {
    let good = try write("good.safetensors")
    let output = "\(good)/w.safetensors"
    let result = try Program()(
      "probe", "--train", good, "--test", good, "--C", "1", "--save", output)
    #expect(result.code == 73 && !result.errors.contains("fitting"), "\(result.errors)")
  }
}
