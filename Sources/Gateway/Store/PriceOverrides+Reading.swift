import GRDB
import Providers

extension PriceOverrides {
    /// All prices that an administrator has set, the newest first; the same object as before where none has changed.
    static func all(in database: Database, after last: PriceOverrides?) throws -> PriceOverrides {
        let statement = try database.cachedStatement(
            sql: """
                SELECT provider, model, "from", input, cached_input, cache_write, output, reasoning, image, request
                FROM prices ORDER BY number DESC
                """
        )
        let entries = try Row.fetchAll(statement).map { row in
            PriceEntry(
                provider: row[0],
                model: row[1],
                from: row[2],
                price: Price(
                    ModelPrice(
                        input: row[3],
                        cachedInput: row[4],
                        cacheWrite: row[5],
                        output: row[6],
                        reasoning: row[7],
                        image: row[8],
                        request: row[9]
                    )
                )
            )
        }
        if let last, last.entries == entries { return last }
        return entries.isEmpty ? .none : PriceOverrides(entries)
    }
}
