import Core
import Datasets
import Foundation
import TestSupport
import Testing

/// What a listing that is kept on the disk believes, and what it looks at again.
@Suite struct FolderCacheTests {
  private let scene: Scene
  private let cache: FolderCache

  init() throws {
    scene = try Scene(images: ["data/cat/a.jpg", "data/cat/more/b.jpg", "data/dog/c.jpg"])
    try scene.write(Data("x".utf8), to: "data/cat/notes.txt")
    cache = FolderCache(
      root: scene.root.appending(path: "cache"), leastFiles: 1, settlingNanoseconds: 0)
  }

  private func open(_ trust: FolderCache.Trust = .exact) throws -> DatasetIndex {
    var cache = cache
    cache.trust = trust
    return try FolderCache.$current.withValue(cache) {
      try ImageFolder().index(root: scene.root.appending(path: "data"), split: "all")
    }
  }

  private func sizes(_ index: DatasetIndex) -> [Int?] { index.samples.map(\.byteCount) }

  /// The one file of the cache.
  private func cacheFile() throws -> URL {
    let folder = scene.root.appending(path: "cache/indexes")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    #expect(names.count == 1)
    return folder.appending(path: try #require(names.first))
  }

  @Test(arguments: [FolderCache.Trust.exact, .folders, .nothing])
  func aSecondLookIsTheSame(trust: FolderCache.Trust) throws {
    let first = try open()
    _ = try cacheFile()
    let second = try open(trust)
    #expect(second.samples.map(\.id) == ["cat/a.jpg", "cat/more/b.jpg", "dog/c.jpg"])
    #expect(second.fingerprint == first.fingerprint)
    #expect(second.ignoredFiles == ["cat/notes.txt"])
    #expect(sizes(second) == [646, 646, 646])
    #expect(second.samples.map(\.modificationTime) == first.samples.map(\.modificationTime))
    #expect(try second.samples[1].source.withBytes { $0.count } == 646)
  }

  /// A file written over in place changes no folder: only a look at the file itself tells.
  @Test func aFileWrittenOverInPlace() throws {
    let first = try open()
    let handle = try FileHandle(
      forWritingTo: scene.root.appending(path: "data/cat/more/b.jpg"))
    try handle.truncate(atOffset: 600)
    try handle.close()
    #expect(try sizes(open(.folders)) == [646, 646, 646])
    let exact = try open(.exact)
    #expect(sizes(exact) == [646, 600, 646])
    #expect(exact.fingerprint != first.fingerprint)
    #expect(try sizes(open(.nothing)) == [646, 600, 646])
  }

  /// What comes, goes or is renamed changes its folder, also one further down.
  @Test(arguments: [FolderCache.Trust.exact, .folders])
  func namesThatChange(trust: FolderCache.Trust) throws {
    _ = try open()
    let data = scene.root.appending(path: "data")
    try scene.write(Data("new".utf8), to: "data/cat/more/d.jpg")
    #expect(
      try open(trust).samples.map(\.id)
        == ["cat/a.jpg", "cat/more/b.jpg", "cat/more/d.jpg", "dog/c.jpg"])
    try FileManager.default.removeItem(at: data.appending(path: "cat/a.jpg"))
    #expect(
      try open(trust).samples.map(\.id) == ["cat/more/b.jpg", "cat/more/d.jpg", "dog/c.jpg"])
    try FileManager.default.moveItem(
      at: data.appending(path: "cat"), to: data.appending(path: "bird"))
    let renamed = try open(trust)
    #expect(renamed.classes.map(\.id) == ["bird", "dog"])
    #expect(renamed.samples.map(\.id) == ["bird/more/b.jpg", "bird/more/d.jpg", "dog/c.jpg"])
  }

  /// A link whose target went away has no size any more, though its folder is as it was.
  @Test func linksAreFollowed() throws {
    let target = scene.root.appending(path: "target.jpg")
    try FileManager.default.copyItem(at: fixtures.appending(path: "tiny.jpg"), to: target)
    try FileManager.default.createSymbolicLink(
      at: scene.root.appending(path: "data/dog/link.jpg"), withDestinationURL: target)
    #expect(try sizes(open()) == [646, 646, 646, 646])
    try FileManager.default.removeItem(at: target)
    #expect(try sizes(open()) == [646, 646, 646, nil])
  }

  /// A damaged file of the cache is none, and is written anew.
  @Test func damage() throws {
    let first = try open()
    let file = try cacheFile()
    let good = try Data(contentsOf: file)
    for damaged in [
      Data(), good.dropLast(1), good.prefix(100),
      Data(good.enumerated().map { $0.offset == good.count / 2 ? $0.element ^ 1 : $0.element }),
    ] {
      try damaged.write(to: file)
      #expect(try open(.folders).fingerprint == first.fingerprint)
      #expect(try Data(contentsOf: file) == good)
    }
  }

  /// A folder that changed just now may change again within one tick of its clock: it is not kept.
  @Test func foldersThatJustChanged() throws {
    var cache = cache
    cache.settlingNanoseconds = 3_600_000_000_000
    cache.trust = .folders
    try FolderCache.$current.withValue(cache) {
      let data = scene.root.appending(path: "data")
      _ = try ImageFolder().index(root: data, split: "all")
      let handle = try FileHandle(forWritingTo: data.appending(path: "dog/c.jpg"))
      try handle.truncate(atOffset: 600)
      try handle.close()
      #expect(try sizes(ImageFolder().index(root: data, split: "all")) == [646, 646, 600])
    }
  }

  @Test func smallTreesAreNotKept() throws {
    var cache = cache
    cache.leastFiles = 4
    try FolderCache.$current.withValue(cache) {
      _ = try ImageFolder().index(root: scene.root.appending(path: "data"), split: "all")
    }
    #expect(!isFolder(scene.root.appending(path: "cache")))
  }
}
