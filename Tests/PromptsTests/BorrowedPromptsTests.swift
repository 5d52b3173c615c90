import Core
import Prompts
import TestSupport
import Testing

@Suite struct BorrowedPromptsTests {
  private let library: PromptLibrary

  init() throws {
    library = try PromptLibrary(roots: [TestPaths.project.appending(path: "Prompts")])
  }

  @Test(
    "sets of ImageNet's classes take ImageNet's prompts, and results say so",
    arguments: [
      "ImageNetV2", "ImageNetV2-threshold0.7", "ImageNetV2-topimages", "ImageNet-A", "ImageNet-R",
      "ImageNet-Sketch",
    ])
  func lenders(dataset: String) throws {
    let set = try library.resolve("openai-2021", dataset: dataset)
    #expect(set.reference == "ImageNet/openai-2021" && set.classes.count == 1000)
    #expect(try library.resolve("subset7", dataset: dataset).reference == "ImageNet/subset7")
    #expect(try library.resolve("single", dataset: dataset).reference == "generic/single")
    #expect(
      try library.resolve("openai-2021#3", dataset: dataset).reference
        == "ImageNet/openai-2021#3")
  }

  @Test("CIFAR-10.1 takes CIFAR-10's")
  func newCIFAR() throws {
    let set = try library.resolve("openai-2021", dataset: "CIFAR10.1")
    #expect(set.reference == "CIFAR10/openai-2021" && set.classes.count == 10)
  }

  @Test("other datasets borrow nothing")
  func others() throws {
    #expect(throws: EvalError.self) { try library.resolve("openai-2021", dataset: "ObjectNet") }
    #expect(throws: EvalError.self) { try library.resolve("subset7", dataset: "CIFAR10") }
    #expect(throws: EvalError.self) { try library.resolve("subset7", dataset: "CIFAR10.1") }
  }

  @Test(
    "names of their own",
    arguments: [
      ("ObjectNet", 113), ("ImageNet-Vid-Robust", 30), ("YTBB-Robust", 23),
    ])
  func ownNames(dataset: String, count: Int) throws {
    let set = try library.resolve("own-names", dataset: dataset)
    #expect(set.classes.count == count && set.templates == ["a photo of a {}."])
    #expect(set.duplicateNames.isEmpty)
  }
}
