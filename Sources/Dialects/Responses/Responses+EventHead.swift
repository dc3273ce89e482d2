extension Responses {
    /// Each event of a stream up to its number, so that one copy of constant bytes begins it.
    enum EventHead {
        static let created: StaticString =
            "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":"
        static let inProgress: StaticString =
            "event: response.in_progress\ndata: {\"type\":\"response.in_progress\",\"sequence_number\":"
        static let completed: StaticString =
            "event: response.completed\ndata: {\"type\":\"response.completed\",\"sequence_number\":"
        static let incomplete: StaticString =
            "event: response.incomplete\ndata: {\"type\":\"response.incomplete\",\"sequence_number\":"
        static let failed: StaticString =
            "event: response.failed\ndata: {\"type\":\"response.failed\",\"sequence_number\":"
        static let ping: StaticString =
            "event: ping\ndata: {\"type\":\"ping\",\"sequence_number\":"
        static let itemAdded: StaticString =
            "event: response.output_item.added\ndata: {\"type\":\"response.output_item.added\",\"sequence_number\":"
        static let itemDone: StaticString =
            "event: response.output_item.done\ndata: {\"type\":\"response.output_item.done\",\"sequence_number\":"
        static let partAdded: StaticString =
            "event: response.content_part.added\ndata: {\"type\":\"response.content_part.added\",\"sequence_number\":"
        static let partDone: StaticString =
            "event: response.content_part.done\ndata: {\"type\":\"response.content_part.done\",\"sequence_number\":"
        static let textDelta: StaticString =
            "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"sequence_number\":"
        static let textDone: StaticString =
            "event: response.output_text.done\ndata: {\"type\":\"response.output_text.done\",\"sequence_number\":"
        static let refusalDelta: StaticString =
            "event: response.refusal.delta\ndata: {\"type\":\"response.refusal.delta\",\"sequence_number\":"
        static let refusalDone: StaticString =
            "event: response.refusal.done\ndata: {\"type\":\"response.refusal.done\",\"sequence_number\":"
        static let annotationAdded: StaticString =
            "event: response.output_text.annotation.added\ndata: {\"type\":\"response.output_text.annotation.added\",\"sequence_number\":"
        static let summaryPartAdded: StaticString =
            "event: response.reasoning_summary_part.added\ndata: {\"type\":\"response.reasoning_summary_part.added\",\"sequence_number\":"
        static let summaryPartDone: StaticString =
            "event: response.reasoning_summary_part.done\ndata: {\"type\":\"response.reasoning_summary_part.done\",\"sequence_number\":"
        static let summaryDelta: StaticString =
            "event: response.reasoning_summary_text.delta\ndata: {\"type\":\"response.reasoning_summary_text.delta\",\"sequence_number\":"
        static let summaryDone: StaticString =
            "event: response.reasoning_summary_text.done\ndata: {\"type\":\"response.reasoning_summary_text.done\",\"sequence_number\":"
        static let reasoningDelta: StaticString =
            "event: response.reasoning_text.delta\ndata: {\"type\":\"response.reasoning_text.delta\",\"sequence_number\":"
        static let reasoningDone: StaticString =
            "event: response.reasoning_text.done\ndata: {\"type\":\"response.reasoning_text.done\",\"sequence_number\":"
        static let argumentsDelta: StaticString =
            "event: response.function_call_arguments.delta\ndata: {\"type\":\"response.function_call_arguments.delta\",\"sequence_number\":"
        static let argumentsDone: StaticString =
            "event: response.function_call_arguments.done\ndata: {\"type\":\"response.function_call_arguments.done\",\"sequence_number\":"
        static let inputDelta: StaticString =
            "event: response.custom_tool_call_input.delta\ndata: {\"type\":\"response.custom_tool_call_input.delta\",\"sequence_number\":"
        static let inputDone: StaticString =
            "event: response.custom_tool_call_input.done\ndata: {\"type\":\"response.custom_tool_call_input.done\",\"sequence_number\":"
    }
}
