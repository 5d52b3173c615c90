/// Which models of a table a line is fitted to.
package struct BaselineFilter: Codable, Sendable, Equatable {
  /// What reports call it.
  package var name: String
  /// Types kept; nil for all.
  package var types: [String]?
  /// Models with one of these in their name are left out.
  package var excludedNameParts: [String]
  /// Models left out by their whole name.
  package var excludedModels: [String]
  /// Models below this accuracy (a fraction) on the x-axis setting are left out.
  package var minimumBase: Double?

  package init(
    name: String, types: [String]? = nil, excludedNameParts: [String] = [],
    excludedModels: [String] = [], minimumBase: Double? = nil
  ) {
    self.name = name
    self.types = types?.map(Self.normalised)
    self.excludedNameParts = excludedNameParts
    self.excludedModels = excludedModels
    self.minimumBase = minimumBase
  }

  package static let all = BaselineFilter(name: "all models")

  /// Standard models as imagenet-testbed draws its lines through them: without models of its own ablations, and without weak ones.
  package static let standard = BaselineFilter(
    name: "standard models of imagenet-testbed", types: ["standard"],
    excludedNameParts: ["aws", "batch64", "subsample"], minimumBase: 0.55)

  /// The same for ImageNet-A, whose images are what a ResNet-50 got wrong: imagenet-testbed leaves that model out, which has 0 % there.
  package static let standardOnImageNetA: BaselineFilter = {
    var filter = standard
    filter.name = "\(standard.name) without resnet50"
    filter.excludedModels = ["resnet50"]
    return filter
  }()

  /// The same less models with one of these in their name.
  package func leavingOut(_ parts: String..., name: String? = nil) -> BaselineFilter {
    var filter = self
    filter.excludedNameParts += parts
    filter.name = name ?? "\(self.name) without \(parts.joined(separator: ", "))"
    return filter
  }

  /// Lower case, hyphens for underscores and spaces.
  package static func normalised(_ type: String) -> String {
    String(type.lowercased().map { $0 == "_" || $0 == " " ? "-" : $0 })
  }

  /// Why a model is left out; nil for one that is kept.
  func reason(model: String, type: String, base: Double) -> Reason? {
    if let types, !types.contains(Self.normalised(type)) { return .type }
    if excludedModels.contains(model) { return .name }
    if excludedNameParts.contains(where: { model.contains($0) }) { return .name }
    if let minimumBase, base < minimumBase { return .belowMinimum }
    return nil
  }

  enum Reason { case type, name, belowMinimum }
}
