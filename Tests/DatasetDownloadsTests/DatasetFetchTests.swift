import Core
import DatasetDownloads
import Datasets
import Downloads
import Foundation
import TestSupport
import Testing

@Suite struct DatasetFetchTests {
  private let folder: TemporaryFolder
  private var root: URL { folder.url.appending(path: "data") }

  init() throws { folder = try TemporaryFolder() }

  private static let jpeg =
    (try? Data(contentsOf: TestPaths.fixtures.appending(path: "datasets/tiny.jpg"))) ?? Data()
  private static let text = Data("River/River_1.jpg\n".utf8)
  private static var tar: Data {
    TarBytes.file([
      TarBytes.member("2750/River/River_1.jpg", "x"),
      TarBytes.member("2750/Forest/Forest_1.jpg", "y"),
    ])
  }

  private func server(_ files: [String: Data]) throws -> HTTPTestServer {
    try HTTPTestServer { request, _ in
      guard let data = files[request.path] else { return .init(404) }
      return .file(data, for: request, tag: "\"\(data.count)\"")
    }
  }

  private func file(
    _ name: String, _ addresses: [String], _ unpacking: DatasetSource.File.Unpacking,
    sha256: String? = nil, md5: String? = nil, inner: [DatasetSource.File.Inner] = []
  ) -> DatasetSource.File {
    DatasetSource.File(
      name: name, addresses: addresses, bytes: nil, sha256: sha256, md5: md5, folder: "eurosat",
      unpacking: unpacking, inner: inner)
  }

  private func fetch(
    _ files: [DatasetSource.File], mirror: String? = nil, keeping: Bool = false
  ) throws -> [DatasetFetch.Fetched] {
    let source = DatasetSource(
      dataset: "EuroSAT", homepage: "https://example.org", licence: "none", files: files,
      byHand: nil, notes: [])
    var fetch = DatasetFetch(
      source, dataRoot: root, mirror: mirror,
      policy: RetryPolicy(retries: 0, wait: { _ in }, shouldStop: { false }),
      progress: SilentProgress())
    fetch.keepsArchives = keeping
    return try fetch.run()
  }

  private func exists(_ path: String) -> Bool {
    FileManager.default.fileExists(atPath: root.appending(path: path).path)
  }

  /// From the second address, since the first has nothing; into the layout that the adapter reads; and only once.
  @Test func mirrorsAndReceipts() throws {
    let hash = SHA256.hash(Self.tar).hex
    let server = try server(["/b/a.tar": Self.tar, "/b/list.txt": Self.text])
    let files = [
      file(
        "a.tar", ["\(server.address)/a/a.tar", "\(server.address)/b/a.tar"], .archive, sha256: hash),
      file("list.txt", ["\(server.address)/b/list.txt"], .none),
    ]
    let first = try fetch(files)
    #expect(first.map(\.outcome) == [.fetched, .fetched])
    #expect(first.map(\.verified) == [true, false] && first.map(\.files) == [2, 1])
    #expect(exists("eurosat/2750/River/River_1.jpg") && exists("eurosat/list.txt"))
    #expect(!exists(".downloads") && !exists("eurosat/.a.tar.unpacking"))
    #expect(server.requests.map(\.path) == ["/a/a.tar", "/b/a.tar", "/b/list.txt"])
    let index = try EuroSAT().index(root: root, split: "all")
    #expect(index.samples.map(\.id) == ["Forest/Forest_1.jpg", "River/River_1.jpg"])

    let second = try fetch(files)
    #expect(second.map(\.outcome) == [.wasPresent, .wasPresent])
    #expect(second.map(\.verified) == [true, false])
    #expect(server.requests.count == 3)

    // What was taken away is fetched again.
    try FileManager.default.removeItem(at: root.appending(path: "eurosat/2750"))
    #expect(try fetch(files).map(\.outcome) == [.fetched, .wasPresent])
    #expect(exists("eurosat/2750/River/River_1.jpg") && server.requests.count == 5)
    // And so is another version of the file.
    var other = files
    other[0].sha256 = String(repeating: "0", count: 64)
    #expect(throws: EvalError.self) { try fetch(other) }
  }

  /// By `md5sum`: the text above.
  @Test(arguments: [("d1b1ba0d0bb8a6d25c4a3bb6d2e3b7a7", false), (nil, true)] as [(String?, Bool)])
  func md5(_ wrong: String?, _ isRight: Bool) throws {
    let server = try server(["/list.txt": Self.text])
    let files = [
      file(
        "list.txt", ["\(server.address)/list.txt"], .none,
        md5: wrong ?? "9e0121226323315a4369a84f49ca426f")
    ]
    if isRight {
      #expect(try fetch(files).map(\.verified) == [true])
    } else {
      let error = #expect(throws: EvalError.self) { try fetch(files) }
      #expect(error?.kind == .malformedData && error?.message.contains("MD5") == true)
      #expect(!exists("eurosat/list.txt"))
    }
  }

  /// Wrong bytes of one address do not stop the next.
  @Test func aMirrorWithOtherBytes() throws {
    let server = try server(["/a/a.tar": Self.jpeg, "/b/a.tar": Self.tar])
    let hash = SHA256.hash(Self.tar).hex
    let files = [
      file(
        "a.tar", ["\(server.address)/a/a.tar", "\(server.address)/b/a.tar"], .archive, sha256: hash)
    ]
    #expect(try fetch(files).map(\.verified) == [true])
    #expect(exists("eurosat/2750/Forest/Forest_1.jpg"))
  }

  @Test func aBrokenConnectionIsContinued() throws {
    let tar = Self.tar
    let server = try HTTPTestServer { request, number in
      let whole = HTTPTestServer.Response.file(tar, for: request, tag: "\"1\"")
      return number == 0 ? whole.cut(after: 600) : whole
    }
    let files = [
      file("a.tar", ["\(server.address)/a.tar"], .archive, sha256: SHA256.hash(tar).hex)
    ]
    let error = #expect(throws: EvalError.self) { try fetch(files) }
    #expect(error?.kind == .incomplete && error?.remedy?.contains("--mirror") == true)
    #expect(exists(".downloads/EuroSAT/a.tar.partial") && !exists("eurosat/2750"))
    #expect(try fetch(files).map(\.outcome) == [.fetched])
    #expect(server.requests.last?.rangeStart == 600)
  }

  /// Nobody serves it: the others are fetched, and a copy that was put in place by hand is verified and unpacked.
  @Test func byHand() throws {
    let files = [file("a.tar", [], .archive, sha256: SHA256.hash(Self.tar).hex)]
    #expect(try fetch(files).map(\.outcome) == [.byHand])
    let waiting = root.appending(path: ".downloads/EuroSAT")
    try FileManager.default.createDirectory(at: waiting, withIntermediateDirectories: true)
    try Self.jpeg.write(to: waiting.appending(path: "a.tar"))
    #expect(throws: EvalError.self) { try fetch(files) }
    try Self.tar.write(to: waiting.appending(path: "a.tar"))
    let fetched = try fetch(files, keeping: true)
    #expect(fetched.map(\.outcome) == [.fetched] && fetched[0].verified)
    #expect(exists("eurosat/2750/River") && exists(".downloads/EuroSAT/a.tar"))
  }

  @Test func anotherServer() throws {
    let server = try server(["/m/a.tar": Self.tar])
    let files = [file("a.tar", ["http://127.0.0.1:1/a.tar"], .archive)]
    #expect(try fetch(files, mirror: server.address + "/m").map(\.outcome) == [.fetched])
    let error = #expect(throws: EvalError.self) {
      try fetch([file("b.tar", [], .archive)], mirror: server.address + "/m/")
    }
    #expect(error?.kind == .notFound && server.requests.last?.path == "/m/b.tar")
  }

  /// An archive in an archive, as Caltech-101 comes.
  @Test func archivesInArchives() throws {
    let inner = String(decoding: Self.tar, as: UTF8.self)
    let outer = TarBytes.file([TarBytes.member("set/inner.tar", inner)])
    let server = try server(["/a.tar": outer])
    let right = SHA256.hash(Self.tar).hex
    func files(_ hash: String) -> [DatasetSource.File] {
      [
        file(
          "a.tar", ["\(server.address)/a.tar"], .archive,
          inner: [.init(path: "set/inner.tar", sha256: hash)])
      ]
    }
    let error = #expect(throws: EvalError.self) {
      try fetch(files(String(repeating: "0", count: 64)))
    }
    #expect(error?.kind == .malformedData && !exists("eurosat/set/2750"))
    #expect(try fetch(files(right))[0].files == 3)
    #expect(exists("eurosat/set/2750/River/River_1.jpg") && !exists("eurosat/set/inner.tar"))
  }

  /// What the catalog says of every dataset.
  @Test func catalog() throws {
    let sources = DatasetCatalog.sources
    #expect(Set(sources.map(\.dataset)).count == sources.count)
    let paper = Set(PaperSizes.table9.keys)
    #expect(paper.subtracting(sources.map(\.dataset)) == [])
    for source in sources {
      #expect(!source.licence.isEmpty)
      #expect(!source.files.isEmpty || source.byHand != nil, "\(source.dataset)")
      #expect(Set(source.files.map(\.name)).count == source.files.count)
      for file in source.files {
        #expect(!file.addresses.isEmpty || source.byHand != nil, "\(file.name)")
        #expect(file.addresses.allSatisfy { $0.hasPrefix("http") && $0.hasSuffix("/" + file.name) })
        #expect(file.sha256?.count ?? 64 == 64 && file.md5?.count ?? 32 == 32)
        #expect(!file.folder.hasPrefix("/") && !file.folder.contains(".."))
      }
    }
    // Stanford Cars' two archives must not be swapped, as one source has them.
    let cars = try #require(DatasetCatalog.source(of: "StanfordCars"))
    #expect(cars.files.first { $0.name == "cars_train.tgz" }?.sha256?.hasPrefix("512b227b") == true)
    #expect(cars.files.first { $0.name == "car_devkit.tgz" }?.sha256?.hasPrefix("b97deb46") == true)
    // The hash that could not be traced is not used.
    #expect(DatasetCatalog.source(of: "FGVCAircraft")?.files.map(\.sha256) == [nil])
  }
}
