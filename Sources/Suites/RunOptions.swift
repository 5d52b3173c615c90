package import CLIPModels
package import EmbeddingStore
package import Foundation
package import Imaging
package import Neural
package import Prompts

/// What a command line adds to suites.
package struct RunOptions: Sendable {
  package var dataRoot: URL
  package var output: URL
  package var store: EmbeddingStore
  package var prompts: PromptLibrary
  package var preprocessing: PreprocessOverrides
  package var activation: Activation?
  package var precision: TowerPrecision
  package var threads: Int
  /// Computes everything anew and replaces what an earlier run left in the folder.
  package var isFresh: Bool
  package var programVersion: String

  package init(
    dataRoot: URL, output: URL, store: EmbeddingStore, prompts: PromptLibrary,
    preprocessing: PreprocessOverrides, activation: Activation?,
    precision: TowerPrecision, threads: Int, isFresh: Bool,
    programVersion: String
  ) {
    self.dataRoot = dataRoot
    self.output = output
    self.store = store
    self.prompts = prompts
    self.preprocessing = preprocessing
    self.activation = activation
    self.precision = precision
    self.threads = threads
    self.isFresh = isFresh
    self.programVersion = programVersion
  }
}
