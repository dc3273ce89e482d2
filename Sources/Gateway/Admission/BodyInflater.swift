import Dialects
import NIOCore

/// Undoes the coding of one request's body as it arrives, in pieces that are counted before the next one is made (B3).
final class BodyInflater {
    private let coding: BodyCoding
    private let stream: any CodedStream

    init(_ coding: BodyCoding) {
        self.coding = coding
        stream = coding.makeStream()
    }

    /// The memory that the decoder itself takes.
    var memory: Int { stream.memory }

    /// Takes a part of the coded body and hands over what it stands for, at most 64 KiB at a time.
    ///
    /// - Throws: `Refusal` 400 for bytes that are not in this coding, and what `emit` throws.
    func take(_ bytes: ByteBuffer, emit: (ByteBuffer) throws(Refusal) -> Void) throws(Refusal) {
        var rest = bytes
        while true {
            var piece = ByteBuffer()
            piece.reserveCapacity(Self.pieceSize)
            var step = CodedStep()
            rest.readWithUnsafeReadableBytes { input in
                piece.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.pieceSize) { output in
                    step = stream.step(
                        input,
                        into: UnsafeMutableRawBufferPointer(rebasing: output.prefix(Self.pieceSize))
                    )
                    return step.written
                }
                return step.read
            }
            guard !step.isDamaged else { throw damaged }
            if step.written > 0 { try emit(piece) }
            // With room to spare the decoder has given out all it could.
            if step.written < Self.pieceSize, rest.readableBytes == 0 || step.read == 0 { break }
        }
        guard rest.readableBytes == 0 else { throw damaged }
    }

    /// The body is whole.
    ///
    /// - Throws: `Refusal` 400 where the coding says that more has to come.
    func finish() throws(Refusal) {
        guard stream.isAtEnd else {
            throw Refusal(.badEncoding, "The body's \(coding.rawValue) coding ends too early.")
        }
    }

    private var damaged: Refusal {
        Refusal(.badEncoding, "The body is not in its \(coding.rawValue) coding.").closing()
    }

    private static let pieceSize = 64 << 10
}

/// A decoder that is fed and emptied in steps.
protocol CodedStream: AnyObject {
    /// Whether everything that was begun is whole.
    var isAtEnd: Bool { get }
    /// The bytes that it holds for itself.
    var memory: Int { get }

    /// Reads some of `input` and writes some of `output`; neither at all means that it can do no more with this input.
    func step(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> CodedStep
}

/// What one step came to.
struct CodedStep {
    var read = 0
    var written = 0
    /// The bytes are none of this coding.
    var isDamaged = false
}
