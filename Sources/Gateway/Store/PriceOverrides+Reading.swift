import GRDB
import Providers

extension PriceOverrides {
    /// All prices that an administrator has set, the newest first; the same object as before where none has changed.
    static func all(in database: Database, after last: PriceOverrides?) throws -> PriceOverrides {
        let statement = try database.cachedStatement(
            sql: """
                SELECT provider, model, "from", input, cached_input, cache_write, cache_write_1h, output, reasoning, image,
                request FROM prices ORDER BY number DESC
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
                        cacheWrite1h: row[6],
                        output: row[7],
                        reasoning: row[8],
                        image: row[9],
                        request: row[10]
                    )
                )
            )
        }
        if let last, last.entries == entries { return last }
        return entries.isEmpty ? .none : PriceOverrides(entries)
    }
}
