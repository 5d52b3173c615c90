import Core
import Foundation
import Probes
import Synchronization
import TensorFiles
import TestSupport
import Testing

/// Fitted probes on disk, and folders of them that a search goes on from.
@Suite struct ProbeFileTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private var url: URL { folder.url.appending(path: "probe.safetensors") }

  private static let fit = Fit(
    model: LinearModel(
      classCount: 3, columns: 2, weights: [1, -2.5, 1e-300, .pi, 0, 0],
      intercepts: [0.1, -7, -.infinity]),
    summary: FitSummary(
      C: 0.316, objective: 12.75, iterations: 5, evaluations: 7, gradientNorm: 3e-7,
      converged: true, stop: "gradient", seconds: 0.25))

  @Test("What is written is read again, bit for bit")
  func roundTrip() throws {
    let probe = ProbeFile(
      fit: Self.fit, isMultiLabel: true, classIDs: ["a", "b", "c"], notes: ["solver": "paper"])
    try probe.write(to: url)
    #expect(try ProbeFile(contentsOf: url) == probe)
    // Any reader of safetensors finds the numbers.
    let file = try SafetensorsFile(url)
    #expect(file.tensors["weights"]?.shape == [3, 2] && file.tensors["weights"]?.type == .float64)
    #expect(file.tensors["intercepts"]?.shape == [3])
    #expect(ProbeFile.recognises(metadata: file.metadata))
    #expect(!ProbeFile.recognises(metadata: [:]))
  }

  /// A class that every training sample shows is always predicted: of several labels only.
  @Test(arguments: [true, false]) func whatIsAlwaysPredicted(isMultiLabel: Bool) throws {
    var fit = Self.fit
    fit.model.intercepts[1] = .infinity
    try ProbeFile(fit: fit, isMultiLabel: isMultiLabel).write(to: url)
    if isMultiLabel {
      #expect(try ProbeFile(contentsOf: url).fit == fit)
    } else {
      #expect(throws: EvalError.self) { try ProbeFile(contentsOf: url) }
    }
  }

  private func failure() -> EvalError? {
    #expect(throws: EvalError.self) { try ProbeFile(contentsOf: url) }
  }

  @Test("A changed bit anywhere in the numbers, and a file cut anywhere, are found")
  func damaged() throws {
    try ProbeFile(fit: Self.fit, isMultiLabel: false).write(to: url)
    let whole = try Data(contentsOf: url)
    let start = try SafetensorsFile(url).dataOffset
    for offset in start..<whole.count {
      var bytes = whole
      bytes[offset] ^= 0x10
      try bytes.write(to: url)
      #expect(failure()?.message == "its numbers are not those it was written with")
    }
    for length in stride(from: 0, to: whole.count, by: 13) {
      try whole.prefix(length).write(to: url)
      #expect(failure()?.kind == .malformedData, "\(length) bytes")
    }
  }

  @Test("Tensors that are no probe are refused, with what was expected")
  func others() throws {
    func write(_ tensors: [TensorPayload], _ metadata: [String: String] = [:]) throws {
      try SafetensorsFile.write(
        tensors, metadata: ["format": "clip-eval probe 1"].merging(metadata) { $1 }, to: url)
    }
    try write([], ["format": "pt"])
    #expect(failure()?.message.contains("found \"pt\"") == true)
    #expect(failure()?.remedy?.contains("--save probe.safetensors") == true)
    try write([TensorPayload(name: "weights", shape: [2, 2], floats: [1, 2, 3, 4])])
    #expect(failure()?.message.contains("intercepts") == true)
    let intercepts = TensorPayload(
      name: "intercepts", type: .float64, shape: [2], bytes: Data(count: 16))
    try write([TensorPayload(name: "weights", shape: [2, 2], floats: [1, 2, 3, 4]), intercepts])
    #expect(failure()?.message.contains("found F32 of shape [2, 2]") == true)
    let weights = TensorPayload(
      name: "weights", type: .float64, shape: [2, 1], bytes: Data(count: 16))
    let digest = SHA256.hash(Data(count: 32)).hex
    try write([weights, intercepts], ["tensors_sha256": digest, "fit": "{}"])
    #expect(failure()?.message.contains("as JSON") == true)
    let nan = TensorPayload(
      name: "weights", type: .float64, shape: [2, 1],
      bytes: [Double.nan, 0].withUnsafeBytes { Data($0) })
    try write(
      [nan, intercepts], ["tensors_sha256": SHA256.hash(nan.bytes + intercepts.bytes).hex])
    #expect(failure()?.message == "expected finite weights and intercepts, found others")
  }

  // MARK: checkpoints

  private final class Notices: Sendable {
    private let found = Mutex<[EvalError]>([])
    var all: [EvalError] { found.withLock { $0 } }
    func add(_ error: EvalError) { found.withLock { $0.append(error) } }
  }

  private func checkpoints(_ subject: String, _ notices: Notices) -> FolderCheckpoints {
    FolderCheckpoints(
      folder.url.appending(path: "fits"), subject: subject, isMultiLabel: false
    ) { notices.add($0) }
  }

  @Test("A fit is found by its key and subject alone")
  func keys() throws {
    let notices = Notices()
    let kept = checkpoints("train A", notices)
    #expect(try kept.load("C=1") == nil)
    try kept.save(Self.fit, key: "C=1")
    #expect(try kept.load("C=1") == Self.fit)
    #expect(try kept.load("C=2") == nil)
    #expect(try checkpoints("train B", notices).load("C=1") == nil)
    #expect(notices.all.isEmpty)
  }

  @Test("A damaged fit, or one under another's name, is told and not used")
  func damagedCheckpoint() throws {
    let notices = Notices()
    let kept = checkpoints("train A", notices)
    try kept.save(Self.fit, key: "C=1")
    let file = kept.file("C=1")
    let whole = try Data(contentsOf: file)
    try whole.write(to: kept.file("C=2"))
    #expect(try kept.load("C=2") == nil)
    #expect(notices.all.last?.message == "holds another fit than its name says")
    try whole.dropLast().write(to: file)
    #expect(try kept.load("C=1") == nil)
    #expect(notices.all.count == 2)
    #expect(notices.all.allSatisfy { $0.remedy == "It is fitted again." })
    #expect(notices.all.last?.subject?.hasPrefix(file.path) == true)
    try kept.save(Self.fit, key: "C=1")
    #expect(try kept.load("C=1") == Self.fit)
  }
}
