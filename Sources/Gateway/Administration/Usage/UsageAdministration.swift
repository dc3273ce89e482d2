import JSON

/// Answers what is asked of the account: reports, single records and budgets, without a listener.
///
/// All of it blocks; nothing here belongs on an event loop.
struct UsageAdministration: Sendable {
    let ledger: Ledger
    let store: IdentityStore
    /// Whose budgets there are.
    let identities: IdentitySnapshot
    /// Milliseconds since 1970.
    let clock: @Sendable () -> Int

    /// What is asked for.
    enum Act: Sendable, Hashable {
        case report, records, budgets

        var kind: UsageQuestion.Kind {
            switch self {
            case .report: .report
            case .records: .records
            case .budgets: .budgets
            }
        }
    }

    /// Does it, or says why not; never fails otherwise.
    func answer(_ act: Act, query: String, accept: String?, as actor: AdministrationActor) -> AdministrationReply {
        do throws(AdministrationProblem) {
            var question = try UsageQuestion(query, accept: accept, of: act.kind)
            if act == .budgets { return try budgets(question, actor) }
            question = try store.read { (tables) throws(AdministrationProblem) in
                var narrowed = question
                try tables.narrow(&narrowed, for: actor)
                return narrowed
            }
            return try act == .report ? report(question) : records(question)
        } catch {
            return AdministrationReply(error)
        }
    }

    // MARK: Reports

    private func report(_ question: UsageQuestion) throws(AdministrationProblem) -> AdministrationReply {
        let report: UsageReport
        do { report = try ledger.report(UsageQuery(question)) } catch {
            guard let problem = error as? LedgerProblem else { throw .store(error) }
            throw AdministrationProblem(.invalidQuery, problem.description, field: problem.parameter)
        }
        var reply = AdministrationReply(status: 200)
        reply.mediaType = question.form.mediaType
        reply.isCut = report.isCut
        switch question.form {
        case .json:
            let names = try store.read { (tables) throws(AdministrationProblem) in try tables.names(in: report) }
            reply.body = report.json(question, names: names)
        case .csv: reply.body = report.csv
        case .jsonl: reply.body = report.lines
        }
        return reply
    }

    // MARK: Records

    /// A page: one more is asked for than it may have, to know whether it is the last one.
    private func records(_ question: UsageQuestion) throws(AdministrationProblem) -> AdministrationReply {
        let page: RecordPage
        let start = question.after ?? (question.order == .newest ? .max : 0)
        do {
            page = try ledger.records(UsageQuery(question), after: start, most: question.limit + 1)
        } catch { throw .store(error) }
        var reply = AdministrationReply(status: 200)
        reply.mediaType = question.form.mediaType
        var writer = JSONWriter(capacity: 1 << 12)
        guard question.form == .json else {
            reply.next = Self.write(page, question.limit, to: &writer) { $0.frame("\n") }
            reply.isCut = reply.next != nil
            reply.body = writer.bytes
            return reply
        }
        writer.object { object in
            object.key("data")
            var next: String?
            object.array { next = Self.write(page, question.limit, to: &$0) }
            object.member("next", next.map { .string($0) } ?? JSONValue.null)
        }
        reply.body = writer.bytes
        return reply
    }

    /// Writes as many records as there is room for.
    ///
    /// - Returns: the cursor of the next page; nil for the last one.
    private static func write(
        _ page: RecordPage,
        _ limit: Int,
        to writer: inout JSONWriter,
        behindEach: (inout JSONWriter) -> Void = { _ in }
    ) -> String? {
        var written = 0
        for (id, record) in page.found.prefix(limit) where writer.bytes.count <= IdentityTables.longPage {
            writer.record(id, record)
            behindEach(&writer)
            written += 1
        }
        return page.next(behind: written).map { AdministrationQuery.cursor($0) }
    }
}

extension LedgerProblem {
    /// The parameter that has to be another.
    fileprivate var parameter: String {
        switch self {
        case .tooManyRows: "by"
        case .tooManyHours: "since"
        }
    }
}

extension JSONWriter {
    /// A record as one object.
    fileprivate mutating func record(_ id: Int, _ record: UsageRecord) {
        object { object in
            for field in UsageField.all {
                object.key(field.name)
                field.value(id, record).write(to: &object)
            }
        }
    }
}
