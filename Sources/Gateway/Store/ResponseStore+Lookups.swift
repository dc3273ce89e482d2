import NIOCore

/// What exchanges ask of the store; each answer is for the response's owner alone.
extension ResponseStore {
    /// All up to the end of a response, which counts as used by that; `limit` bytes at most.
    func past(
        of id: String,
        _ owner: Owner,
        limit: Int,
        on loop: any EventLoop
    ) -> EventLoopFuture<Past> {
        perform(on: loop) { table in
            let row = try table.used(id, owner)
            guard !row.facts.isAtProvider else { return .atProvider(row.facts.provider) }
            var history = History()
            try table.turns(upTo: row) { link, input, object in
                history.append(
                    input: link.startsAnew ? ByteBuffer() : ByteBuffer(bytes: input),
                    output: ItemRun.output(of: object) ?? ByteBuffer()
                )
                guard history.bytes <= limit else { throw StoreError.tooLarge }
            }
            return .here(history)
        }
    }

    /// What is known of a response without its content.
    func facts(of id: String, _ owner: Owner, on loop: any EventLoop) -> EventLoopFuture<ResponseFacts> {
        perform(on: loop) { try $0.used(id, owner).facts }
    }

    /// The response object; nil for one that its provider keeps.
    func object(
        of id: String,
        _ owner: Owner,
        on loop: any EventLoop
    ) -> EventLoopFuture<(facts: ResponseFacts, object: ByteBuffer?)> {
        perform(on: loop) { table in
            let row = try table.used(id, owner)
            return (row.facts, try table.object(row))
        }
    }

    /// A page of the items that the model had before it for a response; nil for one that its provider keeps.
    func items(
        of id: String,
        _ owner: Owner,
        _ page: ItemPage,
        limit: Int,
        on loop: any EventLoop
    ) -> EventLoopFuture<(facts: ResponseFacts, list: ByteBuffer?)> {
        perform(on: loop) { table in
            let row = try table.used(id, owner)
            guard !row.facts.isAtProvider else { return (row.facts, nil) }
            var list = ItemList()
            var bytes = 0
            try table.turns(upTo: row) { link, input, object in
                if !link.startsAnew || link.number == row.number {
                    list.append(ByteBuffer(bytes: input), of: link.number, isOutput: false)
                    bytes += input.count
                }
                if link.number != row.number, let output = ItemRun.output(of: object) {
                    list.append(output, of: link.number, isOutput: true)
                    bytes += output.readableBytes
                }
                guard bytes <= limit else { throw StoreError.tooLarge }
            }
            return (row.facts, ByteBuffer(bytes: list.body(of: page)))
        }
    }

    /// Deletes what is known of a response.
    func delete(
        _ id: String,
        _ owner: Owner,
        on loop: any EventLoop
    ) -> EventLoopFuture<Void> {
        perform(on: loop, writes: true) { [self] table in
            guard let row = try table.find(id, owner) else { throw StoreError.notFound }
            didFree(try table.delete(row))
        }
    }
}

extension ResponseTable {
    /// A row that is now in use.
    fileprivate func used(_ id: String, _ owner: Owner) throws -> Row {
        guard let row = try find(id, owner) else { throw StoreError.notFound }
        uses.conversations.insert(row.conversation)
        return row
    }

    /// Lends the turns that lead to a row, the oldest first.
    fileprivate func turns(
        upTo row: Row,
        _ body: (Link, _ input: UnsafeRawBufferPointer, _ object: UnsafeRawBufferPointer) throws -> Void
    ) throws {
        guard let chain = try chain(row) else { throw StoreError.notFound }
        for link in chain {
            guard try withContent(of: link.number, { try body(link, $0, $1) }) != nil else { throw StoreError.notFound }
        }
    }
}
