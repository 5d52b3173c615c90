import Core
import EmbeddingStore
import Foundation
import Suites
import TestSupport
import Testing

@Suite("Rates of earlier runs") struct RateLogTests {
  private let folder: TemporaryFolder
  private let log: RateLog
  private let setting = RateLog.Setting(model: "m", precision: "fp32", threads: 2)

  init() throws {
    folder = try TemporaryFolder()
    log = RateLog(EmbeddingStore(root: folder.url))
  }

  @Test("the dataset's last, else the last of each together")
  func rates() throws {
    #expect(log.rate(setting, dataset: "A") == nil)
    try log.append(setting, dataset: "A", images: 100, seconds: 100)
    try log.append(setting, dataset: "A", images: 100, seconds: 10)
    try log.append(setting, dataset: "B", images: 300, seconds: 90)
    #expect(log.rate(setting, dataset: "A") == 10)
    #expect(log.rate(setting, dataset: "B") == 300.0 / 90)
    #expect(log.rate(setting, dataset: "C") == 4)
  }

  @Test("another model, precision, number of threads or machine is none")
  func settings() throws {
    try log.append(setting, dataset: "A", images: 100, seconds: 10)
    var other = setting
    other.host += "-other"
    for setting in [
      RateLog.Setting(model: "n", precision: "fp32", threads: 2),
      RateLog.Setting(model: "m", precision: "bf16", threads: 2),
      RateLog.Setting(model: "m", precision: "fp32", threads: 1), other,
    ] {
      #expect(log.rate(setting, dataset: "A") == nil)
    }
  }

  @Test("few images, or no time, tell no rate, and a torn line is left out")
  func oddities() throws {
    try log.append(setting, dataset: "A", images: RateLog.fewestImages - 1, seconds: 1)
    try log.append(setting, dataset: "A", images: 1000, seconds: 0)
    #expect(log.rate(setting, dataset: "A") == nil)
    let file = folder.url.appending(path: "rates.jsonl")
    try Data("{\"host\": \"x\", \"mod".utf8).write(to: file)
    try log.append(setting, dataset: "A", images: 100, seconds: 50)
    #expect(log.rate(setting, dataset: "A") == 2)
  }
}
