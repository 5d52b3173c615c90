import Core
import EmbeddingStore

/// The embedding store of this user.
enum FeatureCache {
  static var store: EmbeddingStore { EmbeddingStore(root: EmbeddingStore.defaultRoot()) }

  /// Runs `body`; an error about writing below the store's folder also says how to move it.
  static func explained<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch var error as EvalError where error.kind == .cannotWrite {
      let root = store.root.standardizedFileURL.path
      if error.remedy == nil, error.subject?.hasPrefix(root) == true {
        error.remedy =
          "Features are kept there: set CLIP_EVAL_CACHE to a folder that can be written."
      }
      throw error
    }
  }
}
