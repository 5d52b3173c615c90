import Core
import Downloads
import Foundation
import TestSupport
import Testing

/// The hub's description of a model, as its API gives it with `blobs=true`.
@Suite struct HuggingFaceHubTests {
  private static let commit = "3d74acf9a28c67741b2f4f2ea7635f0aaf6f0268"
  private static let hash = String(repeating: "ab", count: 32)

  private func hub(_ server: HTTPTestServer, slash: String = "") -> HuggingFaceHub {
    HuggingFaceHub(
      environment: ["HF_ENDPOINT": server.address + slash],
      policy: RetryPolicy(retries: 2, wait: { _ in }, shouldStop: { false }))
  }

  @Test func listing() throws {
    let server = try HTTPTestServer { _, number in
      if number == 0 { return .init(503) }
      return .init(
        200,
        body: Data(
          """
          {"id":"a/b","sha":"\(Self.commit)","tags":[],"siblings":[
          {"rfilename":"config.json","blobId":"0f","size":4186},
          {"rfilename":"model.safetensors","size":605157884,"blobId":"1e",
           "lfs":{"sha256":"\(Self.hash)","size":605157884,"pointerSize":134}},
          {"rfilename":"odd.bin","lfs":{"sha256":"../../x"}}]}
          """.utf8))
    }
    let listing = try hub(server, slash: "/").listing(of: "a/b")
    #expect(server.requests.map(\.path) == Array(repeating: "/api/models/a/b?blobs=true", count: 2))
    #expect(listing.commit == Self.commit)
    #expect(listing.files.map(\.path) == ["config.json", "model.safetensors", "odd.bin"])
    #expect(listing.files.map(\.size) == [4186, 605_157_884, nil])
    #expect(listing.files.map(\.sha256?.hex) == [nil, Self.hash, nil])
    #expect(
      hub(server).address(of: "config.json", repository: "a/b", commit: Self.commit)
        == "\(server.address)/a/b/resolve/\(Self.commit)/config.json")
  }

  @Test("HF_TOKEN goes to the hub, and to no host that the hub sends on to")
  func token() throws {
    let file = Data("weights".utf8)
    let store = try HTTPTestServer { request, _ in .file(file, for: request) }
    let server = try HTTPTestServer { [address = store.address] request, _ in
      request.path.contains("/api/")
        ? .init(401) : .init(302, fields: ["Location": address + "/blob"])
    }
    func hub(_ token: String?) -> HuggingFaceHub {
      HuggingFaceHub(
        environment: ["HF_ENDPOINT": server.address].merging(token.map { ["HF_TOKEN": $0] } ?? [:])
        {
          $1
        }, policy: RetryPolicy(retries: 0, wait: { _ in }, shouldStop: { false }))
    }
    for (token, sent, remedy) in [
      ("secret\n", "Bearer secret", "expired"), (nil, nil, "into HF_TOKEN"),
      ("a\r\nX: b", nil, "into HF_TOKEN"),
    ] {
      let hub = hub(token)
      let error = #expect(throws: EvalError.self) { try hub.listing(of: "a/b") }
      #expect(error?.kind == .notFound && error?.remedy?.contains(remedy) == true)
      #expect(server.requests.last?.fields["authorization"] == sent)
      let folder = try TemporaryFolder()
      _ = try Downloader().fetch(
        Download(
          address: hub.address(of: "x", repository: "a/b", commit: "c"),
          destination: folder.url.appending(path: "x"), hub: hub.access),
        progress: SilentProgress())
      #expect(server.requests.last?.fields["authorization"] == sent)
      #expect(store.requests.last?.path == "/blob")
      #expect(store.requests.last?.fields["authorization"] == nil)
    }
  }

  @Test func endpointThatIsNone() {
    let hub = HuggingFaceHub(environment: ["HF_ENDPOINT": "foo"])
    let error = #expect(throws: EvalError.self) { try hub.listing(of: "a/b") }
    #expect(error?.kind == .usage && error?.message.contains("HF_ENDPOINT") == true)
    #expect(error?.message.contains("`foo`") == true)
  }

  @Test func noSuchRepository() throws {
    let server = try HTTPTestServer { _, _ in .init(404) }
    let error = #expect(throws: EvalError.self) { try hub(server).listing(of: "a/b") }
    #expect(error?.message.contains("no such repository") == true && error?.subject == "a/b")
  }

  @Test func theHubUnlessTold() {
    #expect(HuggingFaceHub(environment: [:]).endpoint == "https://huggingface.co")
    #expect(HuggingFaceHub(environment: ["HF_ENDPOINT": ""]).endpoint == "https://huggingface.co")
  }

  @Test(
    "What is no description of a model",
    arguments: [
      (200, "<html>", EvalError.Kind.malformedData), (200, "{}", .malformedData),
      (200, "{\"sha\":\"main\",\"siblings\":[]}", .malformedData), (404, "", .notFound),
      (401, "", .notFound), (500, "", .incomplete),
    ])
  func failures(status: Int, body: String, kind: EvalError.Kind) throws {
    let server = try HTTPTestServer { _, _ in .init(status, body: Data(body.utf8)) }
    let error = #expect(throws: EvalError.self) { try hub(server).listing(of: "a/b") }
    #expect(error?.kind == kind)
  }

  @Test("A body without end is given up")
  func endless() throws {
    let server = try HTTPTestServer { _, _ in .init(200, body: Data(count: 17 << 20)) }
    let error = #expect(throws: EvalError.self) { try hub(server).listing(of: "a/b") }
    #expect(error?.kind == .malformedData)
  }
}
