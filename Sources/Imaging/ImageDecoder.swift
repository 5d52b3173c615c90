import Core

/// Decodes JPEG, PNG and binary PPM/PGM images to the pixels that Pillow gives, bit for bit.
///
/// As OpenAI's preprocessing does, EXIF orientation is not applied and colour profiles are ignored. Where Pillow is
/// lenient about damaged JPEG data (it ignores libjpeg's warnings) so is this; a file that ends too early is an error.
package enum ImageDecoder {
  /// - Parameter name: what error messages call the image.
  package static func decode(bytes: UnsafeRawBufferPointer, name: String) throws -> RasterImage {
    let image = try EncodedImage(bytes, name: name)
    let (width, height) = (image.width, image.height)
    let stride = width * image.mode.bytesPerPixel
    let pixels = try [UInt8](unsafeUninitializedCapacity: stride * height) { buffer, count in
      guard let base = buffer.baseAddress else { return }
      try image.read(rows: 0..<height, columns: 0..<width, into: base, stride: stride)
      count = stride * height
    }
    return RasterImage(
      mode: image.mode, width: width, height: height, pixels: pixels, palette: image.palette)
  }

  package static func decode(_ source: ImageSource) throws -> RasterImage {
    if let image = try source.raster() { return image }
    return try source.withBytes { try decode(bytes: $0, name: source.name) }
  }
}
