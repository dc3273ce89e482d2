import Inference
import JSON

extension Messages {
    static func write(_ image: Image, into writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("type", "image")
            writer.key("source")
            write(image.source.unpacked, into: &writer)
        }
    }

    /// A document; one of plain text goes as text, since encoded bytes have to be a PDF's.
    static func write(_ file: File, into writer: inout JSONWriter) {
        let source = file.source.unpacked
        writer.object { writer in
            writer.member("type", "document")
            writer.key("source")
            if let text = source.plainText {
                writer.object { writer in
                    writer.member("type", "text")
                    writer.member("media_type", "text/plain")
                    writer.member("data", text)
                }
            } else {
                write(source, into: &writer)
            }
            writer.memberIfPresent("title", file.name)
        }
    }

    private static func write(_ source: MediaSource, into writer: inout JSONWriter) {
        writer.object { writer in
            switch source {
            case .url(let url):
                writer.member("type", "url")
                writer.member("url", url)
            case .base64(let mediaType, let data):
                writer.member("type", "base64")
                writer.member("media_type", mediaType)
                writer.member("data", data)
            case .upload(let id):
                writer.member("type", "file")
                writer.member("file_id", id)
            }
        }
    }
}

extension MediaSource {
    /// The same with the bytes of a `data:` URL taken out of it, since the dialect fetches from the web alone.
    fileprivate var unpacked: MediaSource {
        guard case .url(let url) = self else { return self }
        return MediaSource(address: url)
    }

    /// The text of a text file, if its bytes are UTF-8.
    fileprivate var plainText: String? {
        guard case .base64(let mediaType, let data) = self, mediaType.hasPrefix("text/") else { return nil }
        return Base64Text.decode(data).flatMap { String(validating: $0, as: UTF8.self) }
    }
}

/// Base64 as RFC 4648 has it, both alphabets.
enum Base64Text {
    /// The bytes, without regard to line breaks and padding; nil if a character is none of base64's.
    static func decode(_ text: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 4 * 3)
        var bits: UInt32 = 0
        var count = 0
        for character in text.utf8 {
            switch character {
            case UInt8(ascii: "="), UInt8(ascii: "\n"), UInt8(ascii: "\r"): continue
            default: break
            }
            guard let value = value(of: character) else { return nil }
            bits = bits << 6 | value
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }

    private static func value(of character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character) - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character) - 97 + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character) - 48 + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
