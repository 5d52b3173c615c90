import Foundation

/// A configuration as a document has it. Where nobody said the activation, it is null in it.
package struct ConfigurationDescription: Encodable {
  let configuration: CLIPConfiguration
  let activationIsKnown: Bool

  package init(_ configuration: CLIPConfiguration, activationIsKnown: Bool) {
    self.configuration = configuration
    self.activationIsKnown = activationIsKnown
  }

  package func encode(to encoder: any Encoder) throws {
    if activationIsKnown { return try configuration.encode(to: encoder) }
    let whole = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(configuration))
    try whole.withNull(for: "activation").encode(to: encoder)
  }
}

extension JSONValue {
  fileprivate func withNull(for key: String) -> JSONValue {
    switch self {
    case .object(let fields):
      .object(
        fields.reduce(into: [:]) {
          $0[$1.key] = $1.key == key ? .null : $1.value.withNull(for: key)
        })
    case .array(let items): .array(items.map { $0.withNull(for: key) })
    case .null, .bool, .number, .text: self
    }
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .text(let value): try container.encode(value)
    case .array(let items): try container.encode(items)
    case .object(let fields): try container.encode(fields)
    }
  }
}
