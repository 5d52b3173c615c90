import Core
import Foundation
import TensorFiles
import TestSupport
import Testing

private let fixtures = TestPaths.fixtures.appending(path: "datasets")

@Suite struct IDXTests {
  @Test func readsShapeAndElements() throws {
    let url = fixtures.appending(path: "mnist-plain/t10k-images-idx3-ubyte")
    let file = try IDXFile(parsing: Data(contentsOf: url), subject: url.lastPathComponent)
    #expect(file.dimensions == [3, 28, 28])
    #expect(file.elements.count == 2352)
    #expect(file.elements.last == UInt8(2351 % 256))
  }

  @Test(
    arguments: [
      ([], "byte 0"), ([0, 0, 8, 1, 0, 0], "byte 3"), ([1, 0, 8, 1, 0, 0, 0, 0], "byte 0"),
      ([0, 0, 0x0d, 1, 0, 0, 0, 0], "byte 2"), ([0, 0, 8, 1, 0, 0, 0, 2, 9], "byte 9"),
      ([0, 0, 8, 1, 0, 0, 0, 1, 9, 9], "byte 9"), ([0, 0, 8, 0], "byte 3"),
      ([0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255], "byte 8"),
      ([0, 0, 8, 3] + [UInt8](repeating: 255, count: 12), "byte 8"),
    ] as [([UInt8], String)]) func refuses(bytes: [UInt8], place: String) throws
  {
    let error = #expect(throws: EvalError.self) {
      try IDXFile(parsing: Data(bytes), subject: "x")
    }
    #expect(error?.kind == .malformedData)
    #expect(error?.subject == "x, \(place)")
  }
}

@Suite struct TarIndexTests {
  private let long = String(repeating: "deep/", count: 40) + "s0000002"

  /// Python's tarfile wrote the three dialects.
  @Test func findsMembersInEveryDialect() throws {
    let jpeg = try Data(contentsOf: fixtures.appending(path: "tiny.jpg"))
    let png = try Data(contentsOf: fixtures.appending(path: "tiny.png"))
    let cases: [(String, [(String, Data)])] = [
      ("0.tar", [("s0000000.cls", Data("7".utf8)), ("s0000000.jpg", jpeg)]),
      ("2.tar", [("\(long).png", png), ("\(long).cls", Data("3\n".utf8))]),
      (
        "10.tar",
        [
          ("é/\(long).JPG", jpeg), ("é/\(long).cls", Data("0".utf8)),
          ("note.txt", Data("hello".utf8)),
        ]
      ),
    ]
    for (name, expected) in cases {
      let url = fixtures.appending(path: "shards/\(name)")
      let file = try PositionedFile(url)
      let members = try TarIndex(contentsOf: url).members
      #expect(members.map(\.name) == expected.map(\.0))
      for (member, (_, data)) in zip(members, expected) {
        #expect(Data(try file.read(at: member.offset, count: member.count)) == data)
      }
    }
  }

  @Test func truncationAndDamageAreErrors() throws {
    let folder = try TemporaryFolder()
    let data = try Data(contentsOf: fixtures.appending(path: "shards/0.tar"))
    let url = folder.url.appending(path: "x.tar")
    try data.prefix(1800).write(to: url)
    let short = #expect(throws: EvalError.self) { try TarIndex(contentsOf: url) }
    #expect(short?.subject?.hasSuffix("byte 1536") == true)

    var damaged = data
    damaged[520] ^= 1
    try damaged.write(to: url)
    let wrong = #expect(throws: EvalError.self) { try TarIndex(contentsOf: url) }
    #expect(wrong?.subject?.hasSuffix("byte 512") == true)
    #expect(wrong?.message.contains("checksum") == true)

    try Data("hello".utf8).write(to: url)
    #expect(throws: EvalError.self) { try TarIndex(contentsOf: url) }
  }
}

@Suite struct MatTests {
  /// SciPy wrote the struct array, plain and compressed.
  @Test(arguments: ["meta.mat", "meta-compressed.mat"])
  func readsStructArrays(name: String) throws {
    let rows = try readMatStruct(
      "synsets", fields: ["ILSVRC2012_ID", "WNID", "num_children", "absent"],
      from: fixtures.appending(path: "imagenet/\(name)"))
    #expect(rows.map { $0["ILSVRC2012_ID"]?.integer } == [449, 2, 1, 1001])
    #expect(rows.map { $0["WNID"]?.text } == ["n01440764", "n01443537", "n02119789", "n00001740"])
    #expect(rows.map { $0["num_children"]?.integer } == [0, 0, 0, 7])
    #expect(rows[0]["absent"] == nil)
  }

  /// SciPy wrote level 5; h5py 7.3, as MATLAB does (Tools/make-folder-dataset-fixtures.py).
  @Test(arguments: ["v5.mat", "v5-plain.mat", "v73.mat"])
  func readsStructsCellsAndNumbers(name: String) throws {
    let url = fixtures.appending(path: "mat/\(name)")
    let rows = try readMatStruct("annotations", fields: ["class", "fname", "bbox_x1"], from: url)
    #expect(rows.map { $0["class"]?.integer } == [14, 3, 91])
    #expect(rows.map { $0["fname"]?.text } == ["00001.jpg", "00002.jpg", "00003.jpg"])
    #expect(rows.map { $0["bbox_x1"]?.integer } == [39, 40, 41])
    #expect(
      try readMatTexts("class_names", from: url)
        == ["AM General Hummer SUV 2000", "Ram C/V Cargo Van Minivan 2012", "é"])
    #expect(try readMatNumbers("labels", from: url) == [77, 1, 102])
    #expect(try readMatNumbers("trnid", from: url) == [6765, 1, 8189])
    for wrong in ["class_names", "absent"] {
      let error = #expect(throws: EvalError.self) { try readMatNumbers(wrong, from: url) }
      #expect(error?.kind == .malformedData && error?.message.contains(wrong) == true)
    }
    #expect(throws: EvalError.self) { try readMatTexts("labels", from: url) }
    #expect(throws: EvalError.self) { try readMatStruct("labels", fields: [], from: url) }
  }

  /// Cut short, or with a byte flipped, in many places: an answer or an error, and no crash.
  @Test(arguments: ["v5.mat", "v5-plain.mat", "v73.mat"])
  func damagedFiles(name: String) throws {
    let folder = try TemporaryFolder()
    let data = try Data(contentsOf: fixtures.appending(path: "mat/\(name)"))
    let url = folder.url.appending(path: name)
    func read() {
      _ = try? readMatStruct("annotations", fields: ["class", "fname"], from: url)
      _ = try? readMatTexts("class_names", from: url)
      _ = try? readMatNumbers("labels", from: url)
    }
    for length in stride(from: 0, to: data.count, by: max(1, data.count / 50)) {
      try data.prefix(length).write(to: url)
      read()
    }
    for position in stride(from: 0, to: data.count, by: max(1, data.count / 250)) {
      var damaged = data
      damaged[position] ^= 0xff
      try damaged.write(to: url)
      read()
    }
  }

  @Test func refusesOtherFilesAndOtherVariables() throws {
    let meta = fixtures.appending(path: "imagenet/meta.mat")
    #expect(throws: EvalError.self) { try readMatStruct("other", fields: [], from: meta) }
    let jpeg = fixtures.appending(path: "tiny.jpg")
    let error = #expect(throws: EvalError.self) {
      try readMatStruct("synsets", fields: [], from: jpeg)
    }
    #expect(error?.message.contains("MATLAB 5.0") == true)
    let absent = #expect(throws: EvalError.self) {
      try readMatStruct("synsets", fields: [], from: fixtures.appending(path: "none.mat"))
    }
    #expect(absent?.kind == .notFound)
  }

  @Test func truncationIsAnErrorOrFewerFields() throws {
    let folder = try TemporaryFolder()
    let data = try Data(contentsOf: fixtures.appending(path: "imagenet/meta.mat"))
    let url = folder.url.appending(path: "meta.mat")
    for length in [0, 100, 128, 200, 400, 700] {
      try data.prefix(length).write(to: url)
      let rows = try? readMatStruct("synsets", fields: ["WNID"], from: url)
      #expect((rows ?? []).compactMap { $0["WNID"]?.text }.count < 4)
    }
  }
}

@Suite struct ZipMemberTests {
  @Test func readsTheMemberOfATorchFile() throws {
    let url = fixtures.appending(path: "imagenet/meta.bin")
    let data = try #require(try zipMember("data.pkl", of: url, limit: 1000))
    let root = try PickleDocument(parsing: data, subject: "data.pkl").root
    #expect(root.elements?.last?.elements?.map(\.text) == ["n01443537", "n01440764", "n01443537"])
    #expect(try zipMember("other", of: url, limit: 1000) == nil)
    #expect(throws: EvalError.self) { try zipMember("data.pkl", of: url, limit: 10) }
    #expect(throws: EvalError.self) {
      try zipMember("data.pkl", of: fixtures.appending(path: "tiny.jpg"), limit: 1000)
    }
  }
}
