import Experiments
import Datasets
import Prompts

/// A split whose images are compared with texts that the dataset brings along: the part of an experiment on it that does not depend on
/// where features come from.
protocol CaptionedSplit {
  /// - Throws: `EvalError.usage` for another kind of dataset, `.badSuite` for a set with none or several templates.
  init(_ index: DatasetIndex, templates: PromptSet) throws

  /// The captions through the template, in their order.
  var texts: [String] { get }

  /// What the protocol says of the captions.
  /// - Parameter truncatedCount: captions that the model did not see whole.
  func describe(_ record: inout EvaluationProtocol, truncatedCount: Int)
}
