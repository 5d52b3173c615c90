import Core

extension HTTPHead {
  /// What a status that brings no file means: an attempt that may succeed later, or an error that will not.
  func refusal(of address: String, hub: HubAccess? = nil) -> Result<RetryPolicy.Failure, EvalError>
  {
    switch status {
    case 408, 425, 429, 500...599:
      return .success(.init(reason: "the server answers \(status)", serverAsks: retryAfter))
    case 404, 410:
      return .failure(
        EvalError(.notFound, "the server has no such file (\(status))", subject: address))
    case 401, 403:
      return .failure(
        EvalError(
          .notFound, "the server does not give this to everyone, or does not have it (\(status))",
          subject: address, remedy: hub?.remedy))
    default:
      return .failure(
        EvalError(.notFound, "expected a file, the server answers \(status)", subject: address))
    }
  }
}
