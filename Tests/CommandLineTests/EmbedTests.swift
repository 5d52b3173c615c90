import Foundation
import TensorFiles
import Testing

/// `embed` to both file formats.
@Suite struct EmbedTests {
  private func unitNorms(_ values: [Float], width: Int) -> Bool {
    stride(from: 0, to: values.count, by: width).allSatisfy { start in
      let norm = values[start..<start + width].reduce(0.0) { $0 + Double($1) * Double($1) }
      return abs(norm - 1) < 1e-5
    }
  }

  private func ids(_ file: SafetensorsFile) throws -> [String] {
    let tensor = try file.tensor("ids")
    #expect(tensor.type == .uint8)
    return String(decoding: Data(tensor.bytes), as: UTF8.self).split(separator: "\n")
      .map(String.init)
  }

  @Test("A dataset's features with labels and ids, the same values as npy")
  func dataset() throws {
    let scene = try Scene()
    let program = try scene.program()
    func embed(_ output: String, _ more: String...) throws -> URL {
      let url = scene.url.appending(path: output)
      let result = try program.run(
        [
          "embed", "images", "--dataset", "MNIST", "--data-root", scene.data.path, "--model",
          Program.model, "--quiet", "--output", url.path,
        ] + more)
      #expect(result.code == 0, "\(result.errors)")
      #expect(result.output.isEmpty && result.errors.isEmpty)
      return url
    }
    let file = try SafetensorsFile(try embed("a.safetensors"))
    #expect(Set(file.tensors.keys) == ["features", "labels", "ids"])
    let features = try file.tensor("features")
    // projection_dim of the checkpoint.
    #expect(features.shape == [30, 24] && features.type == .float32)
    #expect(unitNorms(try features.floats(), width: 24))
    #expect(try file.tensor("labels").integers() == (0..<30).map { Int64($0 * 7 % 10) })
    #expect(try ids(file) == (0..<30).map { "t10k-images-idx3-ubyte#\($0)" })

    let array = try NPYFile.read(try embed("a.npy", "--threads", "1"))
    #expect(array.shape == [30, 24])
    #expect(try array.floats() == features.floats())

    // hidden_size of the vision tower.
    let pooled = try NPYFile.read(try embed("p.npy", "--feature", "pooled"))
    #expect(pooled.shape == [30, 48])
    #expect(unitNorms(try pooled.floats(), width: 48))

    let raw = try NPYFile.read(try embed("r.npy", "--no-normalize"))
    let (rawValues, values) = (try raw.floats(), try features.floats())
    #expect(!unitNorms(rawValues, width: 24))
    for row in 0..<30 {
      let slice = rawValues[24 * row..<24 * (row + 1)]
      let norm = slice.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
      for (x, y) in zip(slice, values[24 * row..<24 * (row + 1)]) {
        #expect(abs(Double(x) / norm - Double(y)) < 1e-6)
      }
    }

    let some = try SafetensorsFile(try embed("s.safetensors", "--limit", "3"))
    #expect(try ids(some) == [0, 10, 20].map { "t10k-images-idx3-ubyte#\($0)" })
    // Another batch shape may round otherwise.
    let few = try some.tensor("features").floats()
    for (row, full) in [0, 10, 20].enumerated() {
      for column in 0..<24 {
        #expect(abs(few[24 * row + column] - values[24 * full + column]) < 1e-5)
      }
    }
  }

  @Test("Files and folders; one that cannot be decoded has no row, and the exit code is 1")
  func files() throws {
    let scene = try Scene()
    let program = try scene.program()
    let toys = scene.data.appending(path: "toys/tree")
    let output = scene.url.appending(path: "x.safetensors")
    let whole = try program(
      "embed", "images", toys.path, "--model", Program.model, "-o", output.path)
    #expect(whole.code == 0, "\(whole.errors)")
    let file = try SafetensorsFile(output)
    #expect(Set(file.tensors.keys) == ["features", "ids"])
    #expect(file.tensors["features"]?.shape == [5, 24])
    let before = try ids(file)
    #expect(
      before.map { URL(filePath: $0).lastPathComponent } == [
        "0.ppm", "1.ppm", "2.ppm", "3.ppm", "palette-47x35.png",
      ])

    try scene.write("no image", to: "data/toys/tree/4.jpg")
    let part = try program(
      "embed", "images", toys.path, "--model", Program.model, "-o", output.path)
    #expect(part.code == 1)
    #expect(part.errors.contains("1 of 6 images could not be embedded"))
    #expect(part.errors.contains("4.jpg"))
    #expect(try ids(SafetensorsFile(output)) == before)
  }

  @Test("Texts as arguments and as lines of a file are the same features")
  func texts() throws {
    let scene = try Scene()
    let program = try scene.program()
    let texts = ["a cat", "a dog", "tree"]
    try scene.write(texts.joined(separator: "\r\n") + "\n", to: "texts.txt")
    func embed(_ output: String, _ arguments: [String]) throws -> URL {
      let url = scene.url.appending(path: output)
      let result = try program.run(
        ["embed", "texts"] + arguments + ["--model", Program.model, "-o", url.path])
      #expect(result.code == 0, "\(result.errors)")
      #expect(
        result.text == "3 × \(output.hasPrefix("p") ? 32 : 24) features written to \(url.path)\n")
      return url
    }
    let a = try NPYFile.read(try embed("a.npy", texts))
    let b = try SafetensorsFile(
      try embed("b.safetensors", ["--input", scene.url.appending(path: "texts.txt").path]))
    #expect(a.shape == [3, 24])
    #expect(unitNorms(try a.floats(), width: 24))
    #expect(try b.tensor("features").floats() == a.floats())
    #expect(try ids(b) == texts)
    var metadata = b.metadata
    #expect(metadata.removeValue(forKey: "preprocessing")?.hasPrefix("huggingface|rgb|") == true)
    // exp of the checkpoint's logit_scale, 2.5.
    let scale = metadata.removeValue(forKey: "logitScale").flatMap { Double($0) } ?? 0
    #expect(abs(scale - 12.182_493_960_703_473) < 1e-5)
    #expect(
      metadata == [
        "feature": "projected", "normalized": "true", "model": "tiny-clip", "precision": "fp32",
        "activation": "gelu",
      ])
    let pooled = try NPYFile.read(try embed("p.npy", texts + ["--feature", "pooled"]))
    #expect(pooled.shape == [3, 32])
  }
}
