package import Core
package import Foundation
import Imaging

/// Writes the world to a folder, every set in the on-disk layout of the dataset whose role it has.
package struct WorldWriter: Sendable {
  package let world: World
  package let sizes: WorldSizes
  let root: URL
  /// JPEG's.
  private static let quality = 92

  package init(_ world: World, sizes: WorldSizes, root: URL) {
    self.world = world
    self.sizes = sizes
    self.root = root
  }

  /// What `world.json` says: written last, so a folder that has it is complete.
  package struct Manifest: Codable, Equatable, Sendable {
    package var version: Int
    package var seed: UInt64
    package var sizes: WorldSizes
    /// Images of each set.
    package var images: [String: Int]
    /// SHA-256 over the corpus' shards; null when it was left out.
    @ExplicitNull package var corpusSHA256: String?
  }

  /// The manifest of a complete folder that holds this world; it may have a corpus where none is asked for.
  /// - Throws: `EvalError.cannotWrite` for a folder that holds the world of another seed.
  package func existing() throws -> Manifest? {
    guard let data = try? Data(contentsOf: manifestURL),
      let manifest = try? JSONDecoder().decode(Manifest.self, from: data)
    else { return nil }
    guard manifest.seed == world.seed else {
      throw EvalError(
        .cannotWrite, "holds the world of seed \(manifest.seed), not of \(world.seed)",
        subject: root.path, remedy: "Name another folder, or delete this one.")
    }
    var wanted = sizes
    if wanted.corpus == 0 { wanted.corpus = manifest.sizes.corpus }
    guard manifest.version == World.version, manifest.sizes == wanted else { return nil }
    return manifest.images.allSatisfy { imageCount(of: $0) == $1 } ? manifest : nil
  }

  /// Image files of a set; of digits, which are records of four files, as many as there should be when all four are there.
  private func imageCount(of set: String) -> Int {
    let folder = root.appending(path: set)
    let paths = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path)) ?? []
    guard set == World.digitSet else {
      return paths.count { $0.hasSuffix(".jpg") || $0.hasSuffix(".JPEG") }
    }
    return paths.count { $0.hasSuffix("-ubyte") } == 4 ? digitCount : 0
  }

  private var manifestURL: URL { root.appending(path: "world.json") }

  /// Draws and writes everything.
  /// - Throws: `EvalError.cannotWrite`.
  package func write() throws -> Manifest {
    try AtomicFile.createFolder(root)
    try remove(manifestURL)
    let items = try world.evaluationItems(sizes)
    var images: [String: Int] = [:]
    for (set, members) in Dictionary(grouping: items, by: \.set) {
      images[set] = members.count
      // Image folders hold whatever lies in them: another world's images would count as this one's.
      try remove(root.appending(path: set))
      try writeImages(members, ending: set.hasPrefix("DemoNet") ? "JPEG" : "jpg")
      try writeLists(set: set, members)
    }
    images[World.digitSet] = try writeDigits()
    let corpusFolder = root.appending(path: "corpus")
    try remove(corpusFolder)
    let corpus =
      sizes.corpus > 0
      ? try CorpusWriter(world: world, folder: corpusFolder).write(
        count: sizes.corpus, sources: world.plantingOrder(items)) : nil
    let manifest = Manifest(
      version: World.version, seed: world.seed, sizes: sizes, images: images,
      corpusSHA256: corpus?.hex)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try AtomicFile.write(try encoder.encode(manifest), to: manifestURL)
    return manifest
  }

  func remove(_ url: URL) throws {
    guard FileManager.default.fileExists(atPath: url.path) else { return }
    try AtomicFile.remove(url)
  }

  func url(of item: EvaluationItem, ending: String) -> URL {
    let folder = item.set == World.sceneSet ? "VOC2007/JPEGImages/" : ""
    return root.appending(path: "\(item.set)/\(folder)\(item.path).\(ending)")
  }

  private func writeImages(_ items: [EvaluationItem], ending: String) throws {
    for folder in Set(items.map { url(of: $0, ending: ending).deletingLastPathComponent() }) {
      try AtomicFile.createFolder(folder)
    }
    _ = try inParallel(items.count) { i in
      let data = try Self.jpeg(items[i].draw(), quality: Self.quality)
      try Self.write(data, to: url(of: items[i], ending: ending))
    }
  }

  static func jpeg(_ canvas: Canvas, quality: Int) throws -> Data {
    try JPEGEncoder.encode(
      rgb: canvas.bytes, width: Canvas.side, height: Canvas.side, quality: quality)
  }

  /// Without fsync: the manifest comes last and says whether the whole is there.
  static func write(_ data: Data, to url: URL) throws {
    do {
      try data.write(to: url)
    } catch {
      throw EvalError(.cannotWrite, error.localizedDescription, subject: url.path)
    }
  }
}
