import Core

/// Decodes JPEG, PNG, WebP, GIF, TIFF, BMP, PBM/PGM/PPM and NumPy images to the pixels that Pillow gives, bit for bit;
/// of animations and of files with several pages, the first picture.
///
/// As OpenAI's preprocessing does, EXIF orientation is not applied and colour profiles are ignored. Where Pillow is
/// lenient about damaged JPEG data (it ignores libjpeg's warnings) so is this; a file that ends too early is an error.
package enum ImageDecoder {
  /// - Parameter name: what error messages call the image.
  package static func decode(bytes: UnsafeRawBufferPointer, name: String) throws -> RasterImage {
    let image = try EncodedImage(bytes, name: name)
    let header = image.header
    let (width, height) = (header.width, header.height)
    let stride = width * header.mode.bytesPerPixel
    let pixels = try [UInt8](unsafeUninitializedCapacity: stride * height) { buffer, count in
      guard let base = buffer.baseAddress else { return }
      try image.read(rows: 0..<height, columns: 0..<width, into: base, stride: stride)
      count = stride * height
    }
    return RasterImage(
      mode: header.mode, width: width, height: height, pixels: pixels, palette: header.palette)
  }

  package static func decode(_ source: ImageSource) throws -> RasterImage {
    if let image = try source.raster() { return image }
    return try source.withBytes { try decode(bytes: $0, name: source.name) }
  }
}
