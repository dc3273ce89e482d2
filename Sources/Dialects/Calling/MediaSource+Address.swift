import Inference

extension MediaSource {
    /// What an address stands for: the data of a `data:` URL in base64, a URL otherwise.
    init(address: String) {
        self = .url(address)
        guard address.utf8.starts(with: "data:".utf8), let comma = address.utf8.firstIndex(of: UInt8(ascii: ",")) else {
            return
        }
        let head = address[..<comma].dropFirst(5)
        guard head.hasSuffix(";base64") else { return }
        self = .base64(
            mediaType: String(head.dropLast(7)),
            data: String(address[address.utf8.index(after: comma)...])
        )
    }

    /// As an address, inline data as a `data:` URL; nil for an upload.
    var address: String? {
        switch self {
        case .url(let url): url
        case .base64(let mediaType, let data): "data:\(mediaType);base64,\(data)"
        case .upload: nil
        }
    }

    var isUpload: Bool {
        if case .upload = self { true } else { false }
    }
}
