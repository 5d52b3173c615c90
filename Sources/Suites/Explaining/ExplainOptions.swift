package import CLIPModels
package import EmbeddingStore
package import Experiments
package import Foundation
package import Prompts
import Statistics

/// What a command line says of an explanation.
package struct ExplainOptions: Sendable {
  /// Nil where every model is an embeddings folder and none was named.
  package var dataRoot: URL?
  package var store: EmbeddingStore
  package var prompts: PromptLibrary
  package var threads: Int
  package var programVersion: String
  /// In place of the checkpoints that the run names, by the models' names.
  package var models: [LocatedModel] = []
  /// Ids; when not empty, only these, with or without a published number.
  package var datasets: [String] = []
  /// When not empty, only these.
  package var axes: Set<ProtocolAxis> = []
  /// Axes of which image features that are missing are computed.
  package var computed: Set<ProtocolAxis> = []
  /// Prompt sets to try beside those of the library.
  package var classNames: [String] = []
  package var templates: [String] = []
  package var resamples = 10_000

  package init(
    dataRoot: URL?, store: EmbeddingStore, prompts: PromptLibrary, threads: Int,
    programVersion: String
  ) {
    self.dataRoot = dataRoot
    self.store = store
    self.prompts = prompts
    self.threads = threads
    self.programVersion = programVersion
  }
}
