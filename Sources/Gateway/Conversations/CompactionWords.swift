import JSON

/// What models are told about compactions.
enum CompactionWords {
    /// Asks a model for what the conversation has come to, as its next turn.
    static let instructions = """
        The conversation above is about to be dropped, and whoever goes on with the work will read nothing but what you \
        write now. Write that hand-over. Cover, in this order: what was asked for, with every wish and limit that still \
        holds; what has been done so far and what came of it; the files, commands, names and values that matter, spelled \
        exactly; what was decided and why; what failed and should not be tried again; where the work stands and what \
        comes next. Do not go on with the work, call no tool, and add no greeting. Be complete before you are brief.
        """

    /// Stands before a summary where it takes the place of what it was made of.
    static let introduction = """
        The earlier part of this conversation was replaced by this summary, which was written at its end. Go on from it.


        """

    /// A user's message as an item.
    static func message(_ text: String) -> [UInt8] {
        var writer = JSONWriter(capacity: text.utf8.count + 128)
        writer.object { writer in
            writer.member("type", "message")
            writer.member("role", "user")
            writer.key("content")
            writer.array { writer in
                writer.object { writer in
                    writer.member("type", "input_text")
                    writer.member("text", text)
                }
            }
        }
        return writer.bytes
    }
}
